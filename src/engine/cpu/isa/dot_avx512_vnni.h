// Sums of four products of an unsigned and a signed byte (AVX-512 VNNI vpdpbusd). See dot_scalar.h.
#pragma once

using Element = std::uint8_t;
using Weight8 = std::int8_t;
constexpr std::size_t k_group = 4;

struct Factor {
  __m512i all;
};
struct Columns {
  __m512i all;
};
HASTEN_INLINE Factor load_factor(const Element* from) {
  std::int32_t group;
  __builtin_memcpy(&group, from, sizeof(group));
  return {_mm512_set1_epi32(group)};
}
HASTEN_INLINE Columns load_columns(const Weight8* from) {
  return {_mm512_loadu_si512(from)};
}
HASTEN_INLINE IntegerLanes multiply_add(const IntegerLanes& sum, const Factor& factor,
                                        const Columns& columns) {
  return {_mm512_dpbusd_epi32(sum.all, factor.all, columns.all)};
}

HASTEN_INLINE IntegerLanes whole_sum(const IntegerLanes& sum, const Lanes&, const Lanes&) {
  return sum;
}
