// The kernels in portable C++: the reference of all others.
#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 1;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 6;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_scalar.h"
#include "engine/cpu/isa/dot_scalar.h"
#include "engine/cpu/isa/whole_table.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

namespace hasten::engine::cpu {

const KernelTable& scalar_table() {
  static constexpr KernelTable table = whole_table("scalar", "nothing");
  return table;
}

}  // namespace hasten::engine::cpu
