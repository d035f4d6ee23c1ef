#include "tokenizer/unicode/unicode.h"

#include <algorithm>
#include <iterator>

namespace hasten::tokenizer::unicode {
namespace {

constexpr char32_t k_hangul_base = 0xAC00;
constexpr char32_t k_leading_base = 0x1100;
constexpr char32_t k_vowel_base = 0x1161;
constexpr char32_t k_trailing_base = 0x11A7;
constexpr char32_t k_leading_count = 19;
constexpr char32_t k_vowel_count = 21;
constexpr char32_t k_trailing_count = 28;

Mapping pooled(const std::uint32_t* pool, std::uint16_t offset) {
  return {pool + offset + 1, pool[offset]};
}

// Hangul composes by rule: Unicode Standard, section 3.12.
char32_t compose_hangul(char32_t first, char32_t second) {
  if (first - k_leading_base < k_leading_count && second - k_vowel_base < k_vowel_count) {
    const char32_t index = (first - k_leading_base) * k_vowel_count + (second - k_vowel_base);
    return k_hangul_base + index * k_trailing_count;
  }
  if (is_hangul_syllable(first) && (first - k_hangul_base) % k_trailing_count == 0 &&
      second > k_trailing_base && second < k_trailing_base + k_trailing_count) {
    return first + (second - k_trailing_base);
  }
  return 0;
}

}  // namespace

Mapping lower(char32_t code) {
  const unsigned block = tables::k_lower_blocks[code / tables::k_block];
  return pooled(tables::k_lower_pool,
                tables::k_lower_offsets[block * tables::k_block + code % tables::k_block]);
}

Mapping canonical_decomposition(char32_t code) {
  const unsigned block = tables::k_nfd_blocks[code / tables::k_block];
  return pooled(tables::k_nfd_pool,
                tables::k_nfd_offsets[block * tables::k_block + code % tables::k_block]);
}

Mapping compatibility_decomposition(char32_t code) {
  const unsigned block = tables::k_nfkd_blocks[code / tables::k_block];
  return pooled(tables::k_nfkd_pool,
                tables::k_nfkd_offsets[block * tables::k_block + code % tables::k_block]);
}

int decompose_hangul(char32_t code, char32_t (&out)[3]) {
  const char32_t index = code - k_hangul_base;
  out[0] = k_leading_base + index / (k_vowel_count * k_trailing_count);
  out[1] = k_vowel_base + index % (k_vowel_count * k_trailing_count) / k_trailing_count;
  out[2] = k_trailing_base + index % k_trailing_count;
  return out[2] == k_trailing_base ? 2 : 3;
}

char32_t compose(char32_t first, char32_t second) {
  if (const char32_t hangul = compose_hangul(first, second)) return hangul;
  const std::uint64_t key = std::uint64_t{first} << 42 | std::uint64_t{second} << 21;
  const auto* found =
      std::lower_bound(std::begin(tables::k_compositions), std::end(tables::k_compositions), key);
  if (found == std::end(tables::k_compositions) || (*found ^ key) >> 21 != 0) return 0;
  return static_cast<char32_t>(*found & 0x1FFFFF);
}

}  // namespace hasten::tokenizer::unicode
