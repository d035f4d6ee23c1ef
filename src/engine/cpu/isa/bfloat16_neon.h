// Rounding to bfloat16 (bfcvtn). See bfloat16_avx512.h.
#pragma once

HASTEN_INLINE void store_bfloat16(const Lanes& x, std::uint16_t* to) {
  HASTEN_UNROLL
  for (int i = 0; i < 4; i += 2) {
    const bfloat16x8_t rounded = vcvtq_high_bf16_f32(vcvtq_low_bf16_f32(x.part[i]), x.part[i + 1]);
    vst1q_u16(to + 4 * i, vreinterpretq_u16_bf16(rounded));
  }
}
