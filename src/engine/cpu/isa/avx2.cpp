// The kernels for AVX2 with FMA.
#include <immintrin.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

HASTEN_TARGET_BEGIN("avx,avx2,fma")

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 1;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 6;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_avx2.h"
#include "engine/cpu/isa/dot_avx2_words.h"
#include "engine/cpu/isa/whole_table.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {

const KernelTable& avx2_table() {
  static constexpr KernelTable table = whole_table("avx2", "AVX2, FMA");
  return table;
}

}  // namespace hasten::engine::cpu
