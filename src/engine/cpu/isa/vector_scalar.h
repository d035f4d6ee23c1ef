// Sixteen float lanes in portable C++: the reference that the wide forms must equal bit by bit.
// The contract of every operation is stated here; the wide forms repeat only the names.
//
// Included inside an anonymous namespace of a kernel file.
#pragma once

// Every operation is IEEE 754 single precision, lane by lane, rounded to nearest even.
struct Lanes {
  float lane[16];
};

HASTEN_INLINE Lanes broadcast(float value) {
  Lanes result;
  for (float& lane : result.lane) lane = value;
  return result;
}
HASTEN_INLINE Lanes zero() {
  return broadcast(0.0F);
}

// 16 floats; no alignment is asked for.
HASTEN_INLINE Lanes load(const float* from) {
  Lanes result;
  __builtin_memcpy(result.lane, from, sizeof(result.lane));
  return result;
}
// The first `count` <= 16 floats, zero in the other lanes; nothing beyond them is read.
HASTEN_INLINE Lanes load_first(const float* from, std::size_t count) {
  Lanes result = zero();
  __builtin_memcpy(result.lane, from, count * sizeof(float));
  return result;
}
HASTEN_INLINE void store(float* to, const Lanes& value) {
  __builtin_memcpy(to, value.lane, sizeof(value.lane));
}
// Writes the first `count` <= 16 lanes.
HASTEN_INLINE void store_first(float* to, const Lanes& value, std::size_t count) {
  __builtin_memcpy(to, value.lane, count * sizeof(float));
}

#define HASTEN_LANE_BY_LANE(expression)                       \
  Lanes result;                                               \
  for (int i = 0; i < 16; ++i) result.lane[i] = (expression); \
  return result

HASTEN_INLINE Lanes operator+(const Lanes& a, const Lanes& b) {
  HASTEN_LANE_BY_LANE(a.lane[i] + b.lane[i]);
}
HASTEN_INLINE Lanes operator-(const Lanes& a, const Lanes& b) {
  HASTEN_LANE_BY_LANE(a.lane[i] - b.lane[i]);
}
HASTEN_INLINE Lanes operator*(const Lanes& a, const Lanes& b) {
  HASTEN_LANE_BY_LANE(a.lane[i] * b.lane[i]);
}
HASTEN_INLINE Lanes operator/(const Lanes& a, const Lanes& b) {
  HASTEN_LANE_BY_LANE(a.lane[i] / b.lane[i]);
}
// a * b + c, rounded once.
HASTEN_INLINE Lanes fma(const Lanes& a, const Lanes& b, const Lanes& c) {
  HASTEN_LANE_BY_LANE(__builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]));
}
// The second operand when either is NaN or both are zeros, as x86 does it.
HASTEN_INLINE Lanes minimum(const Lanes& a, const Lanes& b) {
  HASTEN_LANE_BY_LANE(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]);
}
HASTEN_INLINE Lanes maximum(const Lanes& a, const Lanes& b) {
  HASTEN_LANE_BY_LANE(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]);
}
HASTEN_INLINE Lanes absolute(const Lanes& a) {
  HASTEN_LANE_BY_LANE(__builtin_fabsf(a.lane[i]));
}
HASTEN_INLINE Lanes copy_sign(const Lanes& magnitude, const Lanes& sign) {
  HASTEN_LANE_BY_LANE(__builtin_copysignf(magnitude.lane[i], sign.lane[i]));
}
HASTEN_INLINE Lanes square_root(const Lanes& a) {
  HASTEN_LANE_BY_LANE(__builtin_sqrtf(a.lane[i]));
}
// To the nearest integer, ties to even.
HASTEN_INLINE Lanes round_to_integer(const Lanes& a) {
  HASTEN_LANE_BY_LANE(__builtin_rintf(a.lane[i]));
}
// a < b ? when_less : otherwise
HASTEN_INLINE Lanes select_less(const Lanes& a, const Lanes& b, const Lanes& when_less,
                                const Lanes& otherwise) {
  HASTEN_LANE_BY_LANE(a.lane[i] < b.lane[i] ? when_less.lane[i] : otherwise.lane[i]);
}

// Lane i becomes lane i ^ DISTANCE, DISTANCE being 1, 2, 4 or 8.
template <int DISTANCE>
HASTEN_INLINE Lanes exchange(const Lanes& a) {
  HASTEN_LANE_BY_LANE(a.lane[i ^ DISTANCE]);
}

// The table's entry at the last four bits of each lane.
HASTEN_INLINE Lanes look_up(const float (&table)[16], const Lanes& index) {
  Lanes result;
  for (int i = 0; i < 16; ++i) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &index.lane[i], 4);
    result.lane[i] = table[bits & 15U];
  }
  return result;
}

// x * 2^exponent for integral exponents and x in [1/2, 2] whose product is a normal number.
HASTEN_INLINE Lanes scale_by_power_of_two(const Lanes& x, const Lanes& exponent) {
  Lanes result;
  for (int i = 0; i < 16; ++i) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &x.lane[i], 4);
    // A NaN's exponent is converted to some integer: the sum stays in range by unsigned arithmetic.
    const float whole = exponent.lane[i];
    const std::int32_t steps =
        whole > -200.0F && whole < 200.0F ? static_cast<std::int32_t>(whole) : 0;
    bits += static_cast<std::uint32_t>(steps) << 23;
    __builtin_memcpy(&result.lane[i], &bits, 4);
  }
  return result;
}

#undef HASTEN_LANE_BY_LANE

// Rounds 16 numbers in -1/2..255.49 to the nearest integer (ties to even) and stores them in 16
// elements.
template <typename Element>
HASTEN_INLINE void store_rounded(Element* to, const Lanes& value) {
  for (int i = 0; i < 16; ++i) {
    const float rounded = __builtin_rintf(value.lane[i]);
    to[i] = rounded > 0.0F && rounded <= 255.0F ? static_cast<Element>(rounded) : Element{0};
  }
}
// Rounds 16 numbers in -127.49..127.49 likewise.
HASTEN_INLINE void store_rounded(std::int8_t* to, const Lanes& value) {
  for (int i = 0; i < 16; ++i) {
    const float rounded = __builtin_rintf(value.lane[i]);
    to[i] = rounded >= -127.0F && rounded <= 127.0F ? static_cast<std::int8_t>(rounded)
                                                    : std::int8_t{0};
  }
}
// Four times 16 numbers in -1/2..255.49, to 64 elements.
template <typename Element>
HASTEN_INLINE void store_rounded(Element* to, const Lanes (&values)[4]) {
  for (int i = 0; i < 4; ++i) store_rounded(to + 16 * i, values[i]);
}

// Sixteen sums of products of integers.
struct IntegerLanes {
  std::int32_t lane[16];
};
HASTEN_INLINE IntegerLanes integer_zero() {
  IntegerLanes result;
  for (std::int32_t& lane : result.lane) lane = 0;
  return result;
}
// Exact up to 2^24, rounded to nearest even beyond.
HASTEN_INLINE Lanes to_float(const IntegerLanes& a) {
  Lanes result;
  for (int i = 0; i < 16; ++i) result.lane[i] = static_cast<float>(a.lane[i]);
  return result;
}

// Lane i with lane i + 8, then i + 4, i + 2, i + 1: the only order in which lanes are ever summed.
HASTEN_INLINE float sum_of_lanes(const Lanes& a) {
  Lanes part = a;
  for (int half = 8; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) part.lane[i] = part.lane[i] + part.lane[i + half];
  }
  return part.lane[0];
}
HASTEN_INLINE float largest_lane(const Lanes& a) {
  float largest = a.lane[0];
  for (float lane : a.lane) largest = largest > lane ? largest : lane;
  return largest;
}
HASTEN_INLINE float smallest_lane(const Lanes& a) {
  float smallest = a.lane[0];
  for (float lane : a.lane) smallest = smallest < lane ? smallest : lane;
  return smallest;
}

// rows[i].lane[j] <-> rows[j].lane[i]
HASTEN_INLINE void transpose(Lanes (&rows)[16]) {
  for (int i = 0; i < 16; ++i) {
    for (int j = 0; j < i; ++j) {
      const float kept = rows[i].lane[j];
      rows[i].lane[j] = rows[j].lane[i];
      rows[j].lane[i] = kept;
    }
  }
}
