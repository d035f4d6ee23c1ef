// Sums of four products of bytes of one sign (sdot): activations are stored less 128. See
// dot_scalar.h.
#pragma once

// 0..255 as -128..127: the top bit turned.
enum class Element : std::uint8_t {};
using Weight8 = std::int8_t;
constexpr std::size_t k_group = 4;
constexpr int k_element_offset = 128;

struct Factor {
  int8x8_t group;  // in the first four
};
struct Columns {
  int8x16_t part[4];
};
HASTEN_INLINE Factor load_factor(const Element* from) {
  float bits;  // a load of a float needs no second instruction
  __builtin_memcpy(&bits, from, sizeof(bits));
  return {vreinterpret_s8_f32(vset_lane_f32(bits, vdup_n_f32(0.0F), 0))};
}
HASTEN_INLINE Columns load_columns(const Weight8* from) {
  return {{vld1q_s8(from), vld1q_s8(from + 16), vld1q_s8(from + 32), vld1q_s8(from + 48)}};
}
HASTEN_INLINE IntegerLanes multiply_add(const IntegerLanes& sum, const Factor& factor,
                                        const Columns& columns) {
  IntegerLanes result;
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i)
    result.part[i] = vdotq_lane_s32(sum.part[i], columns.part[i], factor.group, 0);
  return result;
}

HASTEN_INLINE void store_rounded(Element* to, const Lanes& value) {
  vst1q_u8(reinterpret_cast<std::uint8_t*>(to), veorq_u8(rounded_bytes(value), vdupq_n_u8(0x80)));
}

// 128 times the sum of a column's weights is missing: an integer, which the division gives back
// exactly below 2^22 (two roundings), as it is for depths up to 33,000.
HASTEN_INLINE IntegerLanes whole_sum(const IntegerLanes& sum, const Lanes& column_scales,
                                     const Lanes& column_sums) {
  const Lanes weights = column_sums / column_scales;
  IntegerLanes result;
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i)
    result.part[i] = vmlaq_n_s32(sum.part[i], vcvtnq_s32_f32(weights.part[i]), 128);
  return result;
}
