// Oniguruma's syntax -> RE2's, with the classes of code points written out.
#pragma once

#include <string>
#include <string_view>

namespace hasten::tokenizer {

// Throws k_unsupported for what RE2 cannot express, or expresses with another meaning.
std::string translate_regex(std::string_view pattern);

}  // namespace hasten::tokenizer
