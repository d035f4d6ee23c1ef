// What a code point is to sacremoses and to Python's str.
#pragma once

#include "tokenizer/moses/moses_tables.h"

namespace hasten::tokenizer::moses {

enum CharacterClass : std::uint16_t {
  k_alnum = 1 << 0,
  k_alpha = 1 << 1,
  k_number = 1 << 2,
  k_lower = 1 << 3,
  k_space = 1 << 4,    // str.isspace(), \s
  k_digit = 1 << 5,    // \d
  k_other = 1 << 6,    // category C: controls, formats, unassigned
  k_mark = 1 << 7,     // category Mn
  k_cased = 1 << 8,    // makes a sigma behind it final
  k_ignored = 1 << 9,  // is looked past where that is asked
};

// `code` is below 0x110000.
inline bool is(char32_t code, unsigned classes) {
  const unsigned block = tables::k_class_blocks[code / tables::k_block];
  return (tables::k_classes[block * tables::k_block + code % tables::k_block] & classes) != 0;
}

enum class Language { k_english, k_french };

}  // namespace hasten::tokenizer::moses
