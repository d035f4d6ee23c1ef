// The kernels for every 64-bit Arm.
#include <arm_neon.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 1;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 6;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_neon.h"
#include "engine/cpu/isa/dot_neon_words.h"
#include "engine/cpu/isa/math.inc"
#include "engine/cpu/isa/gate.inc"
#include "engine/cpu/isa/add.inc"
#include "engine/cpu/isa/mean.inc"
#include "engine/cpu/isa/combine.inc"
#include "engine/cpu/isa/softmax.inc"
#include "engine/cpu/isa/pack.inc"
#include "engine/cpu/isa/gemm.inc"
#include "engine/cpu/isa/operand_layout.inc"
#include "engine/cpu/isa/normalize.inc"
#include "engine/cpu/isa/attention_softmax.inc"
#include "engine/cpu/isa/attention.inc"
#include "engine/cpu/isa/attention_distance.inc"
#include "engine/cpu/isa/quantize_columns.inc"
#include "engine/cpu/isa/hadamard.inc"
#include "engine/cpu/isa/quantize_rows.inc"
#include "engine/cpu/isa/finish_int8.inc"
#include "engine/cpu/isa/gemm_int8.inc"
#include "engine/cpu/isa/peak_int8.inc"
#include "engine/cpu/isa/peak.inc"
// clang-format on

}  // namespace

const KernelTable& neon_table() {
  static constexpr KernelTable table{
      .name = "neon",
      .needs = "nothing",
      .panel_columns = 16 * k_panel_vectors,
      .gemm_float32 = multiply<FloatProduct>,
      .attend = attend,
      .attend_by_distance = attend_by_distance,
      .spread = spread,
      .rotate = rotate,
      .normalize = normalize,
      .activate = activate,
      .gate = gate,
      .add = add,
      .mean_of_rows = mean_of_rows,
      .quantize_columns = quantize_columns,
      .arrays = {combine, apply_function, softmax, pack_panels},
      .peak_float32 = peak_float32,
      .int8 = {multiply<Int8Product>, quantize, peak_int8, k_group, sizeof(Element),
               16 * k_panel_vectors, k_operand_layout},
      .bfloat16 = {},
  };
  return table;
}

}  // namespace hasten::engine::cpu
