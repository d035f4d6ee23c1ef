// Rounding to bfloat16 (AVX-512 BF16).
//
// Included inside an anonymous namespace of a kernel file, after a vector header. Each bfloat16_*.h
// defines:
// - store_bfloat16(x, to): rounds 16 numbers to nearest even and stores them.
#pragma once

HASTEN_INLINE void store_bfloat16(const Lanes& x, std::uint16_t* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x.all)));
}
