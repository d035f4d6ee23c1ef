// Sums of eight products of an unsigned and a signed byte, of two rows by two columns at once
// (usmmla). See dot_scalar.h; the sums lie as row_pairs.inc says.
#pragma once

using Element = std::uint8_t;
using Weight8 = std::int8_t;
constexpr std::size_t k_group = 8;

// Of two rows, or of two columns.
using Factors = uint8x16_t;
using ColumnPair = int8x16_t;

HASTEN_INLINE Factors load_factors(const Element* first, const Element* second) {
  return vcombine_u8(vld1_u8(first), vld1_u8(second));
}
HASTEN_INLINE ColumnPair load_column_pair(const Weight8* from) {
  return vld1q_s8(from);
}
HASTEN_INLINE int32x4_t multiply_add(int32x4_t sums, Factors factors, ColumnPair columns) {
  return vusmmlaq_s32(sums, factors, columns);
}

HASTEN_INLINE IntegerLanes whole_sum(const IntegerLanes& sum, const Lanes&, const Lanes&) {
  return sum;
}
