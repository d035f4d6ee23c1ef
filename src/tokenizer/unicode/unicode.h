// Code-point properties and mappings, exactly those of the pinned tokenizers library (which mixes
// Unicode versions; see generate.py). Nothing here follows the system or a newer Unicode.
#pragma once

#include <cstdint>
#include <span>

#include "tokenizer/unicode/unicode_tables.h"

namespace hasten::tokenizer::unicode {

enum Flag : std::uint32_t {
  k_clean_removed = 1u << 0,    // deleted by BertNormalizer's clean_text
  k_white_space = 1u << 1,      // White_Space
  k_punctuation = 1u << 2,      // ASCII symbols and category P (8.0)
  k_nonspacing_mark = 1u << 3,  // Mn (8.0), deleted by BertNormalizer's strip_accents
  k_mark = 1u << 4,             // M (9.0), deleted by StripAccents
  k_cjk = 1u << 5,              // isolated by BertNormalizer's handle_chinese_chars
  k_letter = 1u << 6,           // \p{L} of Oniguruma
  k_number = 1u << 7,           // \p{N} of Oniguruma
  k_word = 1u << 8,             // \w of Rust's regex crate
  k_numeric = 1u << 9,          // isolated by Digits
  k_regex_word = 1u << 10,      // \w of Oniguruma
  k_decimal = 1u << 11,         // \d of Oniguruma
  k_nfd_inert = 1u << 12,       // the form leaves it alone whatever stands around it
  k_nfkd_inert = 1u << 13,
  k_nfc_inert = 1u << 14,
  k_nfkc_inert = 1u << 15,
};

// What a code point is to extended grapheme clusters. Hangul syllables are k_other here.
enum class Grapheme : std::uint8_t {
  k_other,
  k_control,  // CR and LF too
  k_extend,
  k_joiner,  // ZWJ
  k_spacing,
  k_prepend,
  k_leading,
  k_vowel,
  k_trailing,
  k_pictographic,
  k_consonant,  // of an Indic conjunct
};

inline constexpr char32_t k_limit = 0x110000;

// `code` is below k_limit in all of these.
inline std::uint32_t record(char32_t code) {
  const unsigned block = tables::k_property_blocks[code / tables::k_block];
  return tables::k_records[tables::k_properties[block * tables::k_block + code % tables::k_block]];
}
inline bool has(char32_t code, std::uint32_t flags) {
  return (record(code) & flags) != 0;
}
inline unsigned combining_class(char32_t code) {
  return record(code) >> 16 & 0xFF;
}
inline Grapheme grapheme(char32_t code) {
  return static_cast<Grapheme>(record(code) >> 24 & 0x3F);
}
// Whether a mark links the consonants of an Indic conjunct, or may stand between them.
inline bool is_conjunct_linker(char32_t code) {
  return (record(code) >> 30 & 1) != 0;
}
inline bool is_conjunct_extend(char32_t code) {
  return (record(code) >> 31 & 1) != 0;
}

// What a code point maps to; empty where it maps to itself. Hangul syllables, which decompose by
// rule, have no entry: see decompose_hangul().
using Mapping = std::span<const std::uint32_t>;
Mapping lower(char32_t code);
Mapping canonical_decomposition(char32_t code);
Mapping compatibility_decomposition(char32_t code);

inline bool is_hangul_syllable(char32_t code) {
  return code >= 0xAC00 && code <= 0xD7A3;
}
// Writes the two or three jamo of a Hangul syllable and returns how many.
int decompose_hangul(char32_t code, char32_t (&out)[3]);

// The primary composite of two code points, or 0.
char32_t compose(char32_t first, char32_t second);

}  // namespace hasten::tokenizer::unicode
