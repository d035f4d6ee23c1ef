// Sixteen float lanes in one AVX-512 register. See vector_scalar.h for what each operation means.
//
// Included inside an anonymous namespace of a kernel file.
#pragma once

struct Lanes {
  __m512 all;
};

HASTEN_INLINE Lanes broadcast(float value) {
  return {_mm512_set1_ps(value)};
}
HASTEN_INLINE Lanes zero() {
  return {_mm512_setzero_ps()};
}

HASTEN_INLINE Lanes load(const float* from) {
  return {_mm512_loadu_ps(from)};
}

HASTEN_INLINE __mmask16 first_lanes(std::size_t count) {
  return static_cast<__mmask16>((1U << count) - 1U);
}
HASTEN_INLINE Lanes load_first(const float* from, std::size_t count) {
  return {_mm512_maskz_loadu_ps(first_lanes(count), from)};
}
HASTEN_INLINE void store(float* to, const Lanes& value) {
  _mm512_storeu_ps(to, value.all);
}
HASTEN_INLINE void store_first(float* to, const Lanes& value, std::size_t count) {
  _mm512_mask_storeu_ps(to, first_lanes(count), value.all);
}

HASTEN_INLINE Lanes operator+(const Lanes& a, const Lanes& b) {
  return {_mm512_add_ps(a.all, b.all)};
}
HASTEN_INLINE Lanes operator-(const Lanes& a, const Lanes& b) {
  return {_mm512_sub_ps(a.all, b.all)};
}
HASTEN_INLINE Lanes operator*(const Lanes& a, const Lanes& b) {
  return {_mm512_mul_ps(a.all, b.all)};
}
HASTEN_INLINE Lanes operator/(const Lanes& a, const Lanes& b) {
  return {_mm512_div_ps(a.all, b.all)};
}
HASTEN_INLINE Lanes fma(const Lanes& a, const Lanes& b, const Lanes& c) {
  return {_mm512_fmadd_ps(a.all, b.all, c.all)};
}
HASTEN_INLINE Lanes minimum(const Lanes& a, const Lanes& b) {
  return {_mm512_min_ps(a.all, b.all)};
}
HASTEN_INLINE Lanes maximum(const Lanes& a, const Lanes& b) {
  return {_mm512_max_ps(a.all, b.all)};
}
HASTEN_INLINE Lanes absolute(const Lanes& a) {
  return {_mm512_abs_ps(a.all)};
}
HASTEN_INLINE Lanes copy_sign(const Lanes& magnitude, const Lanes& sign) {
  const __m512 bit = _mm512_set1_ps(-0.0F);
  return {_mm512_or_ps(_mm512_andnot_ps(bit, magnitude.all), _mm512_and_ps(bit, sign.all))};
}
HASTEN_INLINE Lanes square_root(const Lanes& a) {
  return {_mm512_sqrt_ps(a.all)};
}
HASTEN_INLINE Lanes round_to_integer(const Lanes& a) {
  return {_mm512_roundscale_ps(a.all, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
HASTEN_INLINE Lanes select_less(const Lanes& a, const Lanes& b, const Lanes& when_less,
                                const Lanes& otherwise) {
  const __mmask16 less = _mm512_cmp_ps_mask(a.all, b.all, _CMP_LT_OQ);
  return {_mm512_mask_blend_ps(less, otherwise.all, when_less.all)};
}

template <int DISTANCE>
HASTEN_INLINE Lanes exchange(const Lanes& a) {
  if constexpr (DISTANCE == 1) return {_mm512_permute_ps(a.all, 0xB1)};
  if constexpr (DISTANCE == 2) return {_mm512_permute_ps(a.all, 0x4E)};
  if constexpr (DISTANCE == 4) return {_mm512_shuffle_f32x4(a.all, a.all, 0xB1)};
  if constexpr (DISTANCE == 8) return {_mm512_shuffle_f32x4(a.all, a.all, 0x4E)};
}

HASTEN_INLINE Lanes look_up(const float (&table)[16], const Lanes& index) {
  return {_mm512_permutexvar_ps(_mm512_castps_si512(index.all), _mm512_loadu_ps(table))};
}

HASTEN_INLINE Lanes scale_by_power_of_two(const Lanes& x, const Lanes& exponent) {
  const __m512i steps = _mm512_slli_epi32(_mm512_cvtps_epi32(exponent.all), 23);
  return {_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(x.all), steps))};
}

HASTEN_INLINE void store_rounded(std::uint16_t* to, const Lanes& value) {
  const __m256i words = _mm512_cvtusepi32_epi16(_mm512_cvtps_epi32(value.all));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words);
}
HASTEN_INLINE void store_rounded(std::uint8_t* to, const Lanes& value) {
  const __m128i bytes = _mm512_cvtusepi32_epi8(_mm512_cvtps_epi32(value.all));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
}
HASTEN_INLINE void store_rounded(std::int8_t* to, const Lanes& value) {
  const __m128i bytes = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(value.all));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
}

HASTEN_INLINE void store_rounded(std::uint16_t* to, const Lanes (&values)[4]) {
  HASTEN_UNROLL
  for (int i = 0; i < 4; ++i) store_rounded(to + 16 * i, values[i]);
}
HASTEN_INLINE void store_rounded(std::uint8_t* to, const Lanes (&values)[4]) {
  // Packing works within 128-bit lanes: lane j ends with elements 4 j .. 4 j + 3 of each of the
  // four.
  const __m512i low =
      _mm512_packs_epi32(_mm512_cvtps_epi32(values[0].all), _mm512_cvtps_epi32(values[1].all));
  const __m512i high =
      _mm512_packs_epi32(_mm512_cvtps_epi32(values[2].all), _mm512_cvtps_epi32(values[3].all));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  _mm512_storeu_si512(to, _mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high)));
}

struct IntegerLanes {
  __m512i all;
};
HASTEN_INLINE IntegerLanes integer_zero() {
  return {_mm512_setzero_si512()};
}
HASTEN_INLINE Lanes to_float(const IntegerLanes& a) {
  return {_mm512_cvtepi32_ps(a.all)};
}

HASTEN_INLINE __m256 upper_half(__m512 a) {
  return _mm512_extractf32x8_ps(a, 1);
}
HASTEN_INLINE float sum_of_lanes(const Lanes& a) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a.all), upper_half(a.all));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
HASTEN_INLINE float largest_lane(const Lanes& a) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(a.all), upper_half(a.all));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
HASTEN_INLINE float smallest_lane(const Lanes& a) {
  const __m256 eight = _mm256_min_ps(_mm512_castps512_ps256(a.all), upper_half(a.all));
  const __m128 four = _mm_min_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_min_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_min_ss(two, _mm_movehdup_ps(two)));
}

HASTEN_INLINE void transpose(Lanes (&rows)[16]) {
  __m512 pairs[16], quads[16];
  HASTEN_UNROLL
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = _mm512_unpacklo_ps(rows[i].all, rows[i + 1].all);
    pairs[i + 1] = _mm512_unpackhi_ps(rows[i].all, rows[i + 1].all);
  }
  // quads[4 g + c]: columns c, c + 4, c + 8, c + 12 of rows 4 g .. 4 g + 3, four floats each.
  HASTEN_UNROLL
  for (int i = 0; i < 16; i += 4) {
    quads[i] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0x44);
    quads[i + 1] = _mm512_shuffle_ps(pairs[i], pairs[i + 2], 0xEE);
    quads[i + 2] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0x44);
    quads[i + 3] = _mm512_shuffle_ps(pairs[i + 1], pairs[i + 3], 0xEE);
  }
  HASTEN_UNROLL
  for (int c = 0; c < 4; ++c) {
    const __m512 even_top = _mm512_shuffle_f32x4(quads[c], quads[4 + c], 0x88);
    const __m512 odd_top = _mm512_shuffle_f32x4(quads[c], quads[4 + c], 0xDD);
    const __m512 even_bottom = _mm512_shuffle_f32x4(quads[8 + c], quads[12 + c], 0x88);
    const __m512 odd_bottom = _mm512_shuffle_f32x4(quads[8 + c], quads[12 + c], 0xDD);
    rows[c].all = _mm512_shuffle_f32x4(even_top, even_bottom, 0x88);
    rows[c + 8].all = _mm512_shuffle_f32x4(even_top, even_bottom, 0xDD);
    rows[c + 4].all = _mm512_shuffle_f32x4(odd_top, odd_bottom, 0x88);
    rows[c + 12].all = _mm512_shuffle_f32x4(odd_top, odd_bottom, 0xDD);
  }
}
