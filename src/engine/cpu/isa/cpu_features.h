// What this processor offers and its operating system lets programs use.
#pragma once

namespace hasten::engine::cpu {

struct CpuFeatures {
  bool avx2_fma = false;
  bool avx_vnni = false;     // AVX2 and FMA besides
  bool avx512 = false;       // F, BW, DQ, VL
  bool avx512_vnni = false;  // the above besides
  bool avx512_bf16 = false;  // both of the above besides
};

// Asks the processor once; safe to call from any thread.
const CpuFeatures& cpu_features();

}  // namespace hasten::engine::cpu
