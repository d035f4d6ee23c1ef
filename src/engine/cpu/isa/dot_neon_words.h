// Sums of two products of 16-bit integers (smlal): bytes in words, because the first 64-bit Arm
// multiplies no unsigned by signed bytes. See dot_scalar.h.
#pragma once

enum class Element : std::uint16_t {};
using Weight8 = std::int16_t;
constexpr std::size_t k_group = 2;

struct Factor {
  int16x4_t pair;
};
// The first and the second values of 16 pairs.
struct Columns {
  int16x8x2_t low, high;
};
HASTEN_INLINE Factor load_factor(const Element* from) {
  std::int32_t pair;
  __builtin_memcpy(&pair, from, sizeof(pair));
  return {vreinterpret_s16_s32(vdup_n_s32(pair))};
}
HASTEN_INLINE Columns load_columns(const Weight8* from) {
  return {vld2q_s16(from), vld2q_s16(from + 16)};
}
HASTEN_INLINE void multiply_add_half(int32x4_t& first, int32x4_t& second, int16x4_t pair,
                                     const int16x8x2_t& columns) {
  first = vmlal_lane_s16(first, vget_low_s16(columns.val[0]), pair, 0);
  first = vmlal_lane_s16(first, vget_low_s16(columns.val[1]), pair, 1);
  second = vmlal_high_lane_s16(second, columns.val[0], pair, 0);
  second = vmlal_high_lane_s16(second, columns.val[1], pair, 1);
}
HASTEN_INLINE IntegerLanes multiply_add(const IntegerLanes& sum, const Factor& factor,
                                        const Columns& columns) {
  IntegerLanes result = sum;
  multiply_add_half(result.part[0], result.part[1], factor.pair, columns.low);
  multiply_add_half(result.part[2], result.part[3], factor.pair, columns.high);
  return result;
}

HASTEN_INLINE void store_rounded(Element* to, const Lanes& value) {
  auto* words = reinterpret_cast<std::int16_t*>(to);
  vst1q_s16(words, rounded_words(value.part[0], value.part[1]));
  vst1q_s16(words + 8, rounded_words(value.part[2], value.part[3]));
}

HASTEN_INLINE IntegerLanes whole_sum(const IntegerLanes& sum, const Lanes&, const Lanes&) {
  return sum;
}
