// Sixteen float lanes in four registers of 64-bit Arm. See vector_scalar.h for what each operation
// means.
//
// Included inside an anonymous namespace of a kernel file.
#pragma once

struct Lanes {
  float32x4_t part[4];
};

#define HASTEN_PART_BY_PART(expression)                      \
  Lanes result;                                              \
  HASTEN_UNROLL                                              \
  for (int i = 0; i < 4; ++i) result.part[i] = (expression); \
  return result

HASTEN_INLINE Lanes broadcast(float value) {
  HASTEN_PART_BY_PART(vdupq_n_f32(value));
}
HASTEN_INLINE Lanes zero() {
  return broadcast(0.0F);
}

HASTEN_INLINE Lanes load(const float* from) {
  HASTEN_PART_BY_PART(vld1q_f32(from + 4 * i));
}
HASTEN_INLINE Lanes load_first(const float* from, std::size_t count) {
  float lanes[16] = {};
  __builtin_memcpy(lanes, from, count * sizeof(float));
  return load(lanes);
}
HASTEN_INLINE void store(float* to, const Lanes& value) {
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) vst1q_f32(to + 4 * i, value.part[i]);
}
HASTEN_INLINE void store_first(float* to, const Lanes& value, std::size_t count) {
  float lanes[16];
  store(lanes, value);
  __builtin_memcpy(to, lanes, count * sizeof(float));
}

HASTEN_INLINE Lanes operator+(const Lanes& a, const Lanes& b) {
  HASTEN_PART_BY_PART(vaddq_f32(a.part[i], b.part[i]));
}
HASTEN_INLINE Lanes operator-(const Lanes& a, const Lanes& b) {
  HASTEN_PART_BY_PART(vsubq_f32(a.part[i], b.part[i]));
}
HASTEN_INLINE Lanes operator*(const Lanes& a, const Lanes& b) {
  HASTEN_PART_BY_PART(vmulq_f32(a.part[i], b.part[i]));
}
HASTEN_INLINE Lanes operator/(const Lanes& a, const Lanes& b) {
  HASTEN_PART_BY_PART(vdivq_f32(a.part[i], b.part[i]));
}
HASTEN_INLINE Lanes fma(const Lanes& a, const Lanes& b, const Lanes& c) {
  HASTEN_PART_BY_PART(vfmaq_f32(c.part[i], a.part[i], b.part[i]));
}
// vminq_f32 and vmaxq_f32 treat NaN and zeros otherwise.
HASTEN_INLINE Lanes minimum(const Lanes& a, const Lanes& b) {
  HASTEN_PART_BY_PART(vbslq_f32(vcltq_f32(a.part[i], b.part[i]), a.part[i], b.part[i]));
}
HASTEN_INLINE Lanes maximum(const Lanes& a, const Lanes& b) {
  HASTEN_PART_BY_PART(vbslq_f32(vcgtq_f32(a.part[i], b.part[i]), a.part[i], b.part[i]));
}
HASTEN_INLINE Lanes absolute(const Lanes& a) {
  HASTEN_PART_BY_PART(vabsq_f32(a.part[i]));
}
HASTEN_INLINE Lanes copy_sign(const Lanes& magnitude, const Lanes& sign) {
  HASTEN_PART_BY_PART(vbslq_f32(vdupq_n_u32(0x80000000U), sign.part[i], magnitude.part[i]));
}
HASTEN_INLINE Lanes square_root(const Lanes& a) {
  HASTEN_PART_BY_PART(vsqrtq_f32(a.part[i]));
}
HASTEN_INLINE Lanes round_to_integer(const Lanes& a) {
  HASTEN_PART_BY_PART(vrndnq_f32(a.part[i]));
}
HASTEN_INLINE Lanes select_less(const Lanes& a, const Lanes& b, const Lanes& when_less,
                                const Lanes& otherwise) {
  HASTEN_PART_BY_PART(
      vbslq_f32(vcltq_f32(a.part[i], b.part[i]), when_less.part[i], otherwise.part[i]));
}

template <int DISTANCE>
HASTEN_INLINE Lanes exchange(const Lanes& a) {
  if constexpr (DISTANCE == 1) {
    HASTEN_PART_BY_PART(vrev64q_f32(a.part[i]));
  } else if constexpr (DISTANCE == 2) {
    HASTEN_PART_BY_PART(vextq_f32(a.part[i], a.part[i], 2));
  } else {
    HASTEN_PART_BY_PART(a.part[i ^ (DISTANCE / 4)]);
  }
}

// The table's bytes lie in four registers: the four of entry n begin at 4 n.
HASTEN_INLINE float32x4_t look_up_part(const uint8x16x4_t& table, float32x4_t index) {
  const uint32x4_t entry = vandq_u32(vreinterpretq_u32_f32(index), vdupq_n_u32(15));
  const uint32x4_t bytes = vmlaq_u32(vdupq_n_u32(0x03020100), entry, vdupq_n_u32(0x04040404));
  return vreinterpretq_f32_u8(vqtbl4q_u8(table, vreinterpretq_u8_u32(bytes)));
}
HASTEN_INLINE Lanes look_up(const float (&table)[16], const Lanes& index) {
  const uint8x16x4_t bytes = vld1q_u8_x4(reinterpret_cast<const std::uint8_t*>(table));
  HASTEN_PART_BY_PART(look_up_part(bytes, index.part[i]));
}
HASTEN_INLINE Lanes scale_by_power_of_two(const Lanes& x, const Lanes& exponent) {
  HASTEN_PART_BY_PART(vreinterpretq_f32_s32(vaddq_s32(
      vreinterpretq_s32_f32(x.part[i]), vshlq_n_s32(vcvtnq_s32_f32(exponent.part[i]), 23))));
}

#undef HASTEN_PART_BY_PART

// Eight rounded integers.
HASTEN_INLINE int16x8_t rounded_words(float32x4_t first, float32x4_t second) {
  return vcombine_s16(vqmovn_s32(vcvtnq_s32_f32(first)), vqmovn_s32(vcvtnq_s32_f32(second)));
}
HASTEN_INLINE uint8x16_t rounded_bytes(const Lanes& value) {
  return vcombine_u8(vqmovun_s16(rounded_words(value.part[0], value.part[1])),
                     vqmovun_s16(rounded_words(value.part[2], value.part[3])));
}
HASTEN_INLINE void store_rounded(std::uint8_t* to, const Lanes& value) {
  vst1q_u8(to, rounded_bytes(value));
}
HASTEN_INLINE void store_rounded(std::int8_t* to, const Lanes& value) {
  vst1q_s8(to, vcombine_s8(vqmovn_s16(rounded_words(value.part[0], value.part[1])),
                           vqmovn_s16(rounded_words(value.part[2], value.part[3]))));
}
template <typename Element>
HASTEN_INLINE void store_rounded(Element* to, const Lanes (&values)[4]) {
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) store_rounded(to + 16 * i, values[i]);
}

struct IntegerLanes {
  int32x4_t part[4];
};
HASTEN_INLINE IntegerLanes integer_zero() {
  const int32x4_t none = vdupq_n_s32(0);
  return {{none, none, none, none}};
}
HASTEN_INLINE Lanes to_float(const IntegerLanes& a) {
  return {{vcvtq_f32_s32(a.part[0]), vcvtq_f32_s32(a.part[1]), vcvtq_f32_s32(a.part[2]),
           vcvtq_f32_s32(a.part[3])}};
}

// Lane i with lane i + 8, then i + 4, as sum_of_lanes() asks.
HASTEN_INLINE float sum_of_lanes(const Lanes& a) {
  const float32x4_t four =
      vaddq_f32(vaddq_f32(a.part[0], a.part[2]), vaddq_f32(a.part[1], a.part[3]));
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
HASTEN_INLINE float largest_lane(const Lanes& a) {
  return vmaxvq_f32(vmaxq_f32(vmaxq_f32(a.part[0], a.part[1]), vmaxq_f32(a.part[2], a.part[3])));
}
HASTEN_INLINE float smallest_lane(const Lanes& a) {
  return vminvq_f32(vminq_f32(vminq_f32(a.part[0], a.part[1]), vminq_f32(a.part[2], a.part[3])));
}

HASTEN_INLINE void transpose_four(float32x4_t& a, float32x4_t& b, float32x4_t& c, float32x4_t& d) {
  const float32x4x2_t ab = vtrnq_f32(a, b);
  const float32x4x2_t cd = vtrnq_f32(c, d);
  a = vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0]));
  b = vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1]));
  c = vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0]));
  d = vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1]));
}
HASTEN_INLINE void transpose(Lanes (&rows)[16]) {
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) {
    HASTEN_UNROLL
    for (int j = 0; j < 4; ++j) {
      transpose_four(rows[4 * i].part[j], rows[4 * i + 1].part[j], rows[4 * i + 2].part[j],
                     rows[4 * i + 3].part[j]);
    }
  }
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) {
    HASTEN_UNROLL
    for (int j = 0; j < i; ++j) {
      HASTEN_UNROLL
      for (int row = 0; row < 4; ++row) {
        const float32x4_t kept = rows[4 * i + row].part[j];
        rows[4 * i + row].part[j] = rows[4 * j + row].part[i];
        rows[4 * j + row].part[i] = kept;
      }
    }
  }
}
