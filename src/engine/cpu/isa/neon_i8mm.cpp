// The int8 kernels for Arm with matrix products of bytes.
#include <arm_neon.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

HASTEN_TARGET_BEGIN("arch=armv8.2-a+dotprod+i8mm")

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 1;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 6;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_neon.h"
#include "engine/cpu/isa/dot_neon_pairs.h"
#include "engine/cpu/isa/math.inc"
#include "engine/cpu/isa/add.inc"
#include "engine/cpu/isa/gemm.inc"
#include "engine/cpu/isa/operand_layout.inc"
#include "engine/cpu/isa/hadamard.inc"
#include "engine/cpu/isa/quantize_rows.inc"
#include "engine/cpu/isa/finish_int8.inc"
#include "engine/cpu/isa/row_pairs.inc"
#include "engine/cpu/isa/gemm_int8_pairs.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {

const Int8Kernels& neon_i8mm_kernels() {
  static constexpr Int8Kernels kernels{
      multiply<PairedInt8Product>, quantize,        peak_int8_pairs, k_group, sizeof(Element),
      16 * k_panel_vectors,        k_operand_layout};
  return kernels;
}

}  // namespace hasten::engine::cpu
