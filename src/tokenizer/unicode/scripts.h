// Scripts and general categories, exactly those of the pinned tokenizers library: its regular
// expressions have Oniguruma's tables, its pre-tokenizer UnicodeScripts older ones of its own (see
// generate_scripts.py).
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

#include "tokenizer/unicode/script_tables.h"

namespace hasten::tokenizer::unicode {

// The two letters of Unicode's general category.
enum class Category : std::uint8_t {
  // clang-format off
  k_unassigned,  // Cn and Cs
  k_lu, k_ll, k_lt, k_lm, k_lo, k_mn, k_mc, k_me, k_nd, k_nl, k_no, k_pc, k_pd, k_ps, k_pe, k_pi, k_pf,
  k_po, k_sm, k_sc, k_sk, k_so, k_zs, k_zl, k_zp, k_cc, k_cf, k_co
  // clang-format on
};

// Beside the category of a code point.
enum CategoryFlag : std::uint8_t {
  k_alphabetic = 1u << 5,
  k_uppercase = 1u << 6,
  k_lowercase = 1u << 7,
};

// `code` is below k_limit in all of these.
inline std::uint8_t category_record(char32_t code) {
  const unsigned block = tables::k_categories_blocks[code / tables::k_script_block];
  return tables::k_categories[block * tables::k_script_block + code % tables::k_script_block];
}
inline Category category(char32_t code) {
  return static_cast<Category>(category_record(code) & 31);
}

// The script of a regular expression, as a number above 0; 0 for those that have no name here.
inline unsigned script(char32_t code) {
  const unsigned block = tables::k_scripts_blocks[code / tables::k_script_block];
  return tables::k_scripts[block * tables::k_script_block + code % tables::k_script_block];
}
// The number of a script by its name in lower case, or 0.
inline unsigned script_number(std::string_view name) {
  for (unsigned i = 0; i < std::size(tables::k_script_names); ++i) {
    if (name == tables::k_script_names[i]) return i + 1;
  }
  return 0;
}

// The script at whose changes UnicodeScripts cuts, as a number; 0 goes with every script.
inline unsigned pre_tokenizer_script(char32_t code) {
  const unsigned block = tables::k_pre_tokenizer_scripts_blocks[code / tables::k_script_block];
  return tables::k_pre_tokenizer_scripts[block * tables::k_script_block +
                                         code % tables::k_script_block];
}

}  // namespace hasten::tokenizer::unicode
