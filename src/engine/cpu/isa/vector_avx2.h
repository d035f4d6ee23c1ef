// Sixteen float lanes in two AVX2 registers. See vector_scalar.h for what each operation means.
//
// Included inside an anonymous namespace of a kernel file.
#pragma once

struct Lanes {
  __m256 low, high;
};

HASTEN_INLINE Lanes broadcast(float value) {
  return {_mm256_set1_ps(value), _mm256_set1_ps(value)};
}
HASTEN_INLINE Lanes zero() {
  return {_mm256_setzero_ps(), _mm256_setzero_ps()};
}

HASTEN_INLINE Lanes load(const float* from) {
  return {_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)};
}

// All ones in the first `count` (clamped to 0..8) lanes.
HASTEN_INLINE __m256i first_lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
HASTEN_INLINE Lanes load_first(const float* from, std::size_t count) {
  const int lanes = static_cast<int>(count);
  return {_mm256_maskload_ps(from, first_lanes(lanes)),
          _mm256_maskload_ps(from + 8, first_lanes(lanes - 8))};
}
HASTEN_INLINE void store(float* to, const Lanes& value) {
  _mm256_storeu_ps(to, value.low);
  _mm256_storeu_ps(to + 8, value.high);
}
HASTEN_INLINE void store_first(float* to, const Lanes& value, std::size_t count) {
  const int lanes = static_cast<int>(count);
  _mm256_maskstore_ps(to, first_lanes(lanes), value.low);
  _mm256_maskstore_ps(to + 8, first_lanes(lanes - 8), value.high);
}

HASTEN_INLINE Lanes operator+(const Lanes& a, const Lanes& b) {
  return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
HASTEN_INLINE Lanes operator-(const Lanes& a, const Lanes& b) {
  return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
HASTEN_INLINE Lanes operator*(const Lanes& a, const Lanes& b) {
  return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
HASTEN_INLINE Lanes operator/(const Lanes& a, const Lanes& b) {
  return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
HASTEN_INLINE Lanes fma(const Lanes& a, const Lanes& b, const Lanes& c) {
  return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
HASTEN_INLINE Lanes minimum(const Lanes& a, const Lanes& b) {
  return {_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)};
}
HASTEN_INLINE Lanes maximum(const Lanes& a, const Lanes& b) {
  return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
HASTEN_INLINE Lanes absolute(const Lanes& a) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  return {_mm256_andnot_ps(sign, a.low), _mm256_andnot_ps(sign, a.high)};
}
HASTEN_INLINE Lanes copy_sign(const Lanes& magnitude, const Lanes& sign) {
  const __m256 bit = _mm256_set1_ps(-0.0F);
  return {_mm256_or_ps(_mm256_andnot_ps(bit, magnitude.low), _mm256_and_ps(bit, sign.low)),
          _mm256_or_ps(_mm256_andnot_ps(bit, magnitude.high), _mm256_and_ps(bit, sign.high))};
}
HASTEN_INLINE Lanes square_root(const Lanes& a) {
  return {_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)};
}
HASTEN_INLINE Lanes round_to_integer(const Lanes& a) {
  return {_mm256_round_ps(a.low, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
          _mm256_round_ps(a.high, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
HASTEN_INLINE Lanes select_less(const Lanes& a, const Lanes& b, const Lanes& when_less,
                                const Lanes& otherwise) {
  return {
      _mm256_blendv_ps(otherwise.low, when_less.low, _mm256_cmp_ps(a.low, b.low, _CMP_LT_OQ)),
      _mm256_blendv_ps(otherwise.high, when_less.high, _mm256_cmp_ps(a.high, b.high, _CMP_LT_OQ))};
}

template <int DISTANCE>
HASTEN_INLINE Lanes exchange(const Lanes& a) {
  if constexpr (DISTANCE == 1) {
    return {_mm256_permute_ps(a.low, 0xB1), _mm256_permute_ps(a.high, 0xB1)};
  }
  if constexpr (DISTANCE == 2) {
    return {_mm256_permute_ps(a.low, 0x4E), _mm256_permute_ps(a.high, 0x4E)};
  }
  if constexpr (DISTANCE == 4) {
    return {_mm256_permute2f128_ps(a.low, a.low, 1), _mm256_permute2f128_ps(a.high, a.high, 1)};
  }
  if constexpr (DISTANCE == 8) return {a.high, a.low};
}

HASTEN_INLINE __m256 look_up_half(const float (&table)[16], __m256 index) {
  const __m256i lanes = _mm256_castps_si256(index);
  const __m256 lower = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), lanes);
  const __m256 upper = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + 8), lanes);
  // The fourth bit chooses the half: as the sign, which is what a blend looks at.
  return _mm256_blendv_ps(lower, upper, _mm256_castsi256_ps(_mm256_slli_epi32(lanes, 28)));
}
HASTEN_INLINE Lanes look_up(const float (&table)[16], const Lanes& index) {
  return {look_up_half(table, index.low), look_up_half(table, index.high)};
}

HASTEN_INLINE __m256 scale_half(__m256 x, __m256 exponent) {
  const __m256i steps = _mm256_slli_epi32(_mm256_cvtps_epi32(exponent), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), steps));
}
HASTEN_INLINE Lanes scale_by_power_of_two(const Lanes& x, const Lanes& exponent) {
  return {scale_half(x.low, exponent.low), scale_half(x.high, exponent.high)};
}

// 16 rounded integers as 16-bit elements.
HASTEN_INLINE __m256i rounded_words(const Lanes& value) {
  const __m256i pairs =
      _mm256_packs_epi32(_mm256_cvtps_epi32(value.low), _mm256_cvtps_epi32(value.high));
  return _mm256_permute4x64_epi64(pairs, 0xD8);
}
HASTEN_INLINE void store_rounded(std::uint16_t* to, const Lanes& value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), rounded_words(value));
}
HASTEN_INLINE void store_rounded(std::uint8_t* to, const Lanes& value) {
  const __m256i words = rounded_words(value);
  const __m128i bytes =
      _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
}
HASTEN_INLINE void store_rounded(std::int8_t* to, const Lanes& value) {
  const __m256i words = rounded_words(value);
  const __m128i bytes =
      _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
}

HASTEN_INLINE void store_rounded(std::uint16_t* to, const Lanes (&values)[4]) {
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) store_rounded(to + 16 * i, values[i]);
}
HASTEN_INLINE void store_rounded(std::uint8_t* to, const Lanes (&values)[4]) {
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) store_rounded(to + 16 * i, values[i]);
}

struct IntegerLanes {
  __m256i low, high;
};
HASTEN_INLINE IntegerLanes integer_zero() {
  return {_mm256_setzero_si256(), _mm256_setzero_si256()};
}
HASTEN_INLINE Lanes to_float(const IntegerLanes& a) {
  return {_mm256_cvtepi32_ps(a.low), _mm256_cvtepi32_ps(a.high)};
}

HASTEN_INLINE float sum_of_lanes(const Lanes& a) {
  const __m256 eight = _mm256_add_ps(a.low, a.high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
HASTEN_INLINE float largest_lane(const Lanes& a) {
  const __m256 eight = _mm256_max_ps(a.low, a.high);
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
HASTEN_INLINE float smallest_lane(const Lanes& a) {
  const __m256 eight = _mm256_min_ps(a.low, a.high);
  const __m128 four = _mm_min_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_min_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_min_ss(two, _mm_movehdup_ps(two)));
}

HASTEN_INLINE void transpose_eight(__m256 (&rows)[8]) {
  __m256 pairs[8], quads[8];
  HASTEN_UNROLL
  for (int i = 0; i < 8; i += 2) {
    pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
    pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
  }
  HASTEN_UNROLL
  for (int i = 0; i < 8; i += 4) {
    quads[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
    quads[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], 0xEE);
    quads[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
    quads[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xEE);
  }
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) {
    rows[i] = _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x20);
    rows[i + 4] = _mm256_permute2f128_ps(quads[i], quads[i + 4], 0x31);
  }
}
HASTEN_INLINE void transpose(Lanes (&rows)[16]) {
  __m256 top_left[8], top_right[8], bottom_left[8], bottom_right[8];
  HASTEN_UNROLL
  for (int i = 0; i < 8; ++i) {
    top_left[i] = rows[i].low;
    top_right[i] = rows[i].high;
    bottom_left[i] = rows[i + 8].low;
    bottom_right[i] = rows[i + 8].high;
  }
  transpose_eight(top_left);
  transpose_eight(top_right);
  transpose_eight(bottom_left);
  transpose_eight(bottom_right);
  HASTEN_UNROLL
  for (int i = 0; i < 8; ++i) {
    rows[i] = {top_left[i], bottom_left[i]};
    rows[i + 8] = {top_right[i], bottom_right[i]};
  }
}
