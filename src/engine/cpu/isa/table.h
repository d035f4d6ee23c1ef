// The kernel table: what each instruction set offers, best first.
#pragma once

#include <span>

#include "engine/cpu/isa/array_kernels.h"
#include "engine/cpu/isa/kernels.h"

namespace hasten::engine::cpu {

// A matrix product of 8-bit activations (0..255) and 8-bit weights (-127..127) with exact sums.
struct Int8Kernels {
  GemmKernel gemm;
  QuantizeKernel quantize;
  PeakKernel peak;
  std::size_t group;          // values of k that lie side by side in a packed weight: 2, 4 or 8
  std::size_t element_bytes;  // of an activation or weight: 2 with group 2, else 1
  std::size_t panel_columns;  // of packed weights
  OperandLayout layout;       // of the activations
  int offset = 0;             // what a stored activation is less than the value
};

// A matrix product of bfloat16 with float32 sums; all null where the processor has none.
struct Bfloat16Kernels {
  GemmKernel gemm;
  RoundKernel round;
  PeakKernel peak;
  AttentionKernel attend;  // with operands rounded to bfloat16 and more scratch memory; may be null
  std::size_t panel_columns;
  OperandLayout layout;
  std::size_t group = 2;  // values of k that lie side by side in a packed weight: 2 or 4
};

struct KernelTable {
  const char* name;           // "avx512"
  const char* needs;          // "AVX-512 F, BW, DQ, VL; FMA"
  std::size_t panel_columns;  // of packed float32 weights
  GemmKernel gemm_float32;
  AttentionKernel attend;
  DistanceAttentionKernel attend_by_distance;
  SpreadKernel spread;
  RotateKernel rotate;
  NormalizeKernel normalize;
  ActivateKernel activate;
  GateKernel gate;
  AddKernel add;
  MeanKernel mean_of_rows;
  QuantizeColumnsKernel quantize_columns;
  ArrayKernels arrays;
  PeakKernel peak_float32;
  Int8Kernels int8;
  Bfloat16Kernels bfloat16;
};

// `table` with other kernels for a precision.
KernelTable with_int8(KernelTable table, const char* name, const char* needs,
                      const Int8Kernels& int8);
KernelTable with_bfloat16(KernelTable table, const char* name, const char* needs,
                          const Bfloat16Kernels& bfloat16);

// A table and whether this processor (and its operating system) can run it.
struct TableEntry {
  const KernelTable* table;
  bool available;
};

// Every table of this family of processors, best first; the last one is always available.
std::span<const TableEntry> kernel_tables();

// The parts of the tables, each from the file of its name, which one kind of processor has.
const KernelTable& avx512_table();
const KernelTable& avx2_table();
const KernelTable& scalar_table();
const Int8Kernels& avx512_vnni_kernels();
const Int8Kernels& avx2_vnni_kernels();
const Bfloat16Kernels& avx512_bf16_kernels();
const Int8Kernels& amx_int8_kernels();
const Bfloat16Kernels& amx_bfloat16_kernels();
const KernelTable& neon_table();
const Int8Kernels& neon_dotprod_kernels();
const Int8Kernels& neon_i8mm_kernels();
const Bfloat16Kernels& neon_bf16_kernels();

}  // namespace hasten::engine::cpu
