// The kernel table: what each instruction set offers, best first.
#pragma once

#include <span>

#include "engine/cpu/isa/kernels.h"

namespace hasten::engine::cpu {

struct KernelTable {
  const char* name;           // "avx512"
  const char* needs;          // "AVX-512 F, BW, DQ, VL; FMA"
  std::size_t panel_columns;  // of packed weights
  GemmKernel gemm_float32;
  AttentionKernel attend;
  NormalizeKernel normalize;
  ActivateKernel activate;
  AddKernel add;
  MeanKernel mean_of_rows;
  PeakKernel peak_float32;
};

// A table and whether this processor (and its operating system) can run it.
struct TableEntry {
  const KernelTable* table;
  bool available;
};

// Every table, best first; the last one is always available.
std::span<const TableEntry> kernel_tables();

const KernelTable& avx512_table();
const KernelTable& avx2_table();
const KernelTable& scalar_table();

}  // namespace hasten::engine::cpu
