// Punctuation of all scripts and keyboards as ASCII has it.
#pragma once

#include <string>

#include "tokenizer/moses/characters.h"

namespace hasten::tokenizer::moses {

// What XLMTokenizer.moses_pipeline() does: full-width punctuation, sacremoses'
// MosesPunctNormalizer, no code points of category C.
void normalize_punctuation(std::u32string& text, Language language);

// str.replace()
void replace_all(std::u32string& text, std::u32string_view find, std::u32string_view replacement);

// str.strip()
void strip(std::u32string& text);

}  // namespace hasten::tokenizer::moses
