// What this processor can do.
#pragma once

#include <string>

namespace hasten {

struct CpuFeatures {
  std::string model;    // "AMD EPYC 9B14 ...", as the processor calls itself
  bool avx2 = false;    // with FMA and F16C
  bool avx512 = false;  // F, BW, DQ, VL
  bool avx512_vnni = false;
  bool avx512_bf16 = false;
  bool avx_vnni = false;
  bool amx_int8 = false;
  bool amx_bf16 = false;
};

// Asks the processor and the operating system: a register file that is not saved counts as absent.
// Where there are tile registers, this also asks for the process's permission to use them.
CpuFeatures detect_cpu_features();

}  // namespace hasten
