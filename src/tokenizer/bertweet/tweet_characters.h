// What a code point is to the regular expressions of BertweetTokenizer.
#pragma once

#include <cstdint>

#include "tokenizer/bertweet/tweet_tables.h"

namespace hasten::tokenizer::bertweet {

enum CharacterClass : std::uint8_t {
  k_word = 1 << 0,          // \w
  k_digit = 1 << 1,         // \d
  k_space = 1 << 2,         // \s
  k_latin_letter = 1 << 3,  // [a-z], case ignored
  k_python_space = 1 << 4   // str.isspace()
};

// Surrogates have no class; entities can make them.
inline bool is(char32_t code, unsigned classes) {
  const unsigned block = tables::k_class_blocks[code / tables::k_block];
  return (tables::k_classes[block * tables::k_block + code % tables::k_block] & classes) != 0;
}

inline bool is_word(char32_t code) {
  return is(code, k_word);
}
inline bool is_digit(char32_t code) {
  return is(code, k_digit);
}
inline bool is_space(char32_t code) {
  return is(code, k_space);
}
// [^\W\d_]
inline bool is_letter(char32_t code) {
  return is_word(code) && !is_digit(code) && code != U'_';
}
inline bool is_ascii_digit(char32_t code) {
  return code >= U'0' && code <= U'9';
}
inline bool is_latin_letter(char32_t code) {
  return is(code, k_latin_letter);
}
// [a-z0-9]
inline bool is_latin_or_digit(char32_t code) {
  return is_latin_letter(code) || is_ascii_digit(code);
}

}  // namespace hasten::tokenizer::bertweet
