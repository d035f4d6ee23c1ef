// UTF-8 of texts: checking, mending, writing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hasten::data {

bool is_valid_utf8(std::string_view text);

// Replaces each maximal subpart of an ill-formed sequence by U+FFFD, as the Unicode Standard
// recommends (section 3.9, table 3-8) and as Python's errors="replace" does. Returns how many were
// replaced.
std::size_t repair_utf8(std::string& text);

void append_utf8(std::string& text, char32_t code_point);

// Empty or nothing but Unicode White_Space. `text` must be valid UTF-8.
bool is_blank(std::string_view text);

}  // namespace hasten::data
