// Escapes in JSON text that name half a character.
#pragma once

#include <cstddef>
#include <string>

namespace hasten::data {

// Replaces each \uD800..\uDFFF escape that is not part of a surrogate pair by \ufffd; returns how
// many. Python and JavaScript write such escapes for texts that were cut inside an emoji.
std::size_t repair_surrogate_escapes(std::string& json);

}  // namespace hasten::data
