// The int8 kernels for AVX-512 VNNI.
#include <immintrin.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

HASTEN_TARGET_BEGIN("avx,avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 4;
constexpr OperandLayout k_operand_layout = OperandLayout::k_rows;
constexpr int k_tile_registers = 24;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_avx512.h"
#include "engine/cpu/isa/dot_avx512_vnni.h"
#include "engine/cpu/isa/whole_int8.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {

const Int8Kernels& avx512_vnni_kernels() {
  static constexpr Int8Kernels kernels = whole_int8();
  return kernels;
}

}  // namespace hasten::engine::cpu
