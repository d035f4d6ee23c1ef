// The tables of the x86-64 family.
#include <array>

#include "base/cpu_features.h"
#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {

std::span<const TableEntry> kernel_tables() {
  static const KernelTable avx2_vnni =
      with_int8(avx2_table(), "avx2_vnni", "AVX2, FMA, AVX-VNNI", avx2_vnni_kernels());
  static const KernelTable avx512_vnni = with_int8(
      avx512_table(), "avx512_vnni", "AVX-512 F, BW, DQ, VL, VNNI", avx512_vnni_kernels());
  static const KernelTable avx512_bf16 = with_bfloat16(
      avx512_vnni, "avx512_bf16", "AVX-512 F, BW, DQ, VL, VNNI, BF16", avx512_bf16_kernels());
  static const KernelTable amx = with_bfloat16(
      with_int8(avx512_table(), "", "", amx_int8_kernels()), "amx",
      "AMX TILE, INT8, BF16; AVX-512 F, BW, DQ, VL, VNNI, BF16", amx_bfloat16_kernels());
  static const CpuFeatures cpu = detect_cpu_features();
  static const std::array entries{
      TableEntry{&amx, cpu.amx_int8 && cpu.amx_bf16 && cpu.avx512_vnni && cpu.avx512_bf16},
      TableEntry{&avx512_bf16, cpu.avx512 && cpu.avx512_vnni && cpu.avx512_bf16},
      TableEntry{&avx512_vnni, cpu.avx512 && cpu.avx512_vnni},
      TableEntry{&avx512_table(), cpu.avx512},
      TableEntry{&avx2_vnni, cpu.avx2 && cpu.avx_vnni},
      TableEntry{&avx2_table(), cpu.avx2},
      TableEntry{&scalar_table(), true},
  };
  return entries;
}

}  // namespace hasten::engine::cpu
