// The int8 kernels for AVX-VNNI.
#include <immintrin.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

HASTEN_TARGET_BEGIN("avx,avx2,fma,avxvnni")

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 1;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 6;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_avx2.h"
#include "engine/cpu/isa/dot_avx2_vnni.h"
#include "engine/cpu/isa/whole_int8.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {

const Int8Kernels& avx2_vnni_kernels() {
  static constexpr Int8Kernels kernels = whole_int8();
  return kernels;
}

}  // namespace hasten::engine::cpu
