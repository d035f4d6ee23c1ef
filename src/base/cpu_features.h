// What this processor can do.
#pragma once

#include <string>

namespace hasten {

struct CpuFeatures {
  std::string model;  // "AMD EPYC 9B14 ...", as the processor calls itself, or what is known of it
  bool avx2 = false;  // with FMA and F16C
  bool avx512 = false;  // F, BW, DQ, VL
  bool avx512_vnni = false;
  bool avx512_bf16 = false;
  bool avx_vnni = false;
  bool amx_int8 = false;
  bool amx_bf16 = false;
  bool neon_dotprod = false;  // sdot, udot
  bool neon_i8mm = false;     // usmmla
  bool neon_bf16 = false;     // bfmmla
};

// Asks the processor and the operating system: a register file that is not saved counts as absent.
// Where there are tile registers, this also asks for the process's permission to use them.
CpuFeatures detect_cpu_features();

}  // namespace hasten
