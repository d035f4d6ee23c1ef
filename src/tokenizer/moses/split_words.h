// sacremoses' MosesTokenizer, without its escapes.
#pragma once

#include <string>
#include <vector>

#include "tokenizer/moses/characters.h"

namespace hasten::tokenizer::moses {

// The words of a text whose punctuation is normalized, none of them empty. The letters DOTMULTI in
// a row, with which sacremoses marks dots for itself, are taken as any others.
std::vector<std::u32string> split_words(std::u32string text, Language language);

}  // namespace hasten::tokenizer::moses
