// Sums of four products of an unsigned and a signed byte (AVX-VNNI vpdpbusd). See dot_scalar.h.
#pragma once

using Element = std::uint8_t;
using Weight8 = std::int8_t;
constexpr std::size_t k_group = 4;

struct Factor {
  __m256i all;
};
struct Columns {
  __m256i low, high;
};
HASTEN_INLINE Factor load_factor(const Element* from) {
  std::int32_t group;
  __builtin_memcpy(&group, from, sizeof(group));
  return {_mm256_set1_epi32(group)};
}
HASTEN_INLINE Columns load_columns(const Weight8* from) {
  const auto* halves = reinterpret_cast<const __m256i*>(from);
  return {_mm256_loadu_si256(halves), _mm256_loadu_si256(halves + 1)};
}
HASTEN_INLINE IntegerLanes multiply_add(const IntegerLanes& sum, const Factor& factor,
                                        const Columns& columns) {
  return {_mm256_dpbusd_avx_epi32(sum.low, factor.all, columns.low),
          _mm256_dpbusd_avx_epi32(sum.high, factor.all, columns.high)};
}

HASTEN_INLINE IntegerLanes whole_sum(const IntegerLanes& sum, const Lanes&, const Lanes&) {
  return sum;
}
