// The bfloat16 kernels for AVX-512 BF16.
#include <immintrin.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

HASTEN_TARGET_BEGIN("avx,avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 4;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 24;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_avx512.h"
#include "engine/cpu/isa/math.inc"
#include "engine/cpu/isa/add.inc"
#include "engine/cpu/isa/gemm.inc"
#include "engine/cpu/isa/operand_layout.inc"
#include "engine/cpu/isa/bfloat16_avx512.h"
#include "engine/cpu/isa/round_bfloat16.inc"
#include "engine/cpu/isa/gemm_bfloat16.inc"
#include "engine/cpu/isa/peak_bfloat16.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {

const Bfloat16Kernels& avx512_bf16_kernels() {
  static constexpr Bfloat16Kernels kernels{
      multiply<Bfloat16Product>, round_rows,      peak_bfloat16, nullptr,
      16 * k_panel_vectors,      k_operand_layout};
  return kernels;
}

}  // namespace hasten::engine::cpu
