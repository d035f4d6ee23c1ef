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
#include "engine/cpu/isa/whole_table.inc"
// clang-format on

}  // namespace

const KernelTable& neon_table() {
  static constexpr KernelTable table = whole_table("neon", "nothing");
  return table;
}

}  // namespace hasten::engine::cpu
