// The tables of 64-bit Arm.
#include <array>

#include "base/cpu_features.h"
#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {

std::span<const TableEntry> kernel_tables() {
  static const KernelTable dotprod =
      with_int8(neon_table(), "neon_dotprod", "dot products of bytes", neon_dotprod_kernels());
  static const KernelTable i8mm =
      with_int8(neon_table(), "neon_i8mm", "matrix products of bytes", neon_i8mm_kernels());
  static const KernelTable bf16 = with_bfloat16(
      i8mm, "neon_bf16", "matrix products of bytes and bfloat16", neon_bf16_kernels());
  static const CpuFeatures cpu = detect_cpu_features();
  static const std::array entries{
      TableEntry{&bf16, cpu.neon_i8mm && cpu.neon_bf16},
      TableEntry{&i8mm, cpu.neon_i8mm},
      TableEntry{&dotprod, cpu.neon_dotprod},
      TableEntry{&neon_table(), true},
      TableEntry{&scalar_table(), true},
  };
  return entries;
}

}  // namespace hasten::engine::cpu
