// The bfloat16 kernels for Arm with matrix products of bfloat16.
#include <arm_neon.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

HASTEN_TARGET_BEGIN("arch=armv8.2-a+bf16")

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 1;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 6;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_neon.h"
#include "engine/cpu/isa/math.inc"
#include "engine/cpu/isa/add.inc"
#include "engine/cpu/isa/gemm.inc"
#include "engine/cpu/isa/operand_layout.inc"
#include "engine/cpu/isa/bfloat16_neon.h"
#include "engine/cpu/isa/round_bfloat16.inc"
#include "engine/cpu/isa/row_pairs.inc"
#include "engine/cpu/isa/gemm_bfloat16_pairs.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {

const Bfloat16Kernels& neon_bf16_kernels() {
  static constexpr Bfloat16Kernels kernels{multiply<PairedBfloat16Product>,
                                           round_rows,
                                           peak_bfloat16_pairs,
                                           nullptr,
                                           16 * k_panel_vectors,
                                           k_operand_layout,
                                           k_pair_group};
  return kernels;
}

}  // namespace hasten::engine::cpu
