// The CPU backend: prepacks a program's weights for the best instruction set of this machine.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/backend.h"

namespace hasten::engine::cpu {

struct KernelTable;

struct CpuOptions {
  std::string
      isa;  // a name of instruction_sets(), or empty: HASTEN_ISA if set, else the best there is
};

// Weights are repacked here, once; the program's own tensors are not kept. Throws k_usage for an
// instruction set that is unknown or that this processor lacks, k_unsupported for a precision
// without a kernel.
std::unique_ptr<const Executable> prepare(const Program& program, const CpuOptions& options);

// The kernels of HASTEN_ISA if it is set, else the best there are. Throws k_usage as prepare() does.
const KernelTable& chosen_kernels();

struct InstructionSetStatus {
  std::string name;   // "avx512"
  std::string needs;  // "AVX-512 F, BW, DQ, VL"
  bool available = false;
  bool chosen = false;
  std::string precisions;  // "fp32, bf16, int8": those with a kernel of its own
};

// The kernel table, best first.
std::vector<InstructionSetStatus> instruction_sets();

// The rate of a register-only loop of the precision's multiply-add instruction on one core, in
// operations per second (a multiply-add is two); takes about 0.1 s.
double measure_peak(Precision precision, const std::string& isa);

}  // namespace hasten::engine::cpu
