// The kernels for AMX: matrix products on tile registers, the rest as with AVX-512.
#include <immintrin.h>

#include "engine/cpu/isa/compiler.h"
#include "engine/cpu/isa/table.h"

HASTEN_TARGET_BEGIN(
    "avx,avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,"
    "amx-tile,amx-int8,amx-bf16")

namespace hasten::engine::cpu {
namespace {

constexpr int k_panel_vectors = 2;
constexpr OperandLayout k_operand_layout = OperandLayout::k_tiles;
constexpr int k_tile_registers = 24;

// Each uses what those before it define.
// clang-format off
#include "engine/cpu/isa/vector_avx512.h"
#include "engine/cpu/isa/dot_avx512_vnni.h"
#include "engine/cpu/isa/math.inc"
#include "engine/cpu/isa/add.inc"
#include "engine/cpu/isa/gemm.inc"
#include "engine/cpu/isa/operand_layout.inc"
#include "engine/cpu/isa/hadamard.inc"
#include "engine/cpu/isa/quantize_rows.inc"
#include "engine/cpu/isa/finish_int8.inc"
#include "engine/cpu/isa/bfloat16_avx512.h"
#include "engine/cpu/isa/round_bfloat16.inc"
#include "engine/cpu/isa/gemm_bfloat16.inc"
#include "engine/cpu/isa/tiles_amx.h"
#include "engine/cpu/isa/tile_finisher.inc"
#include "engine/cpu/isa/tile_panel.inc"
#include "engine/cpu/isa/gemm_tiles.inc"
#include "engine/cpu/isa/attention_softmax.inc"
#include "engine/cpu/isa/attention_tiles.inc"
#include "engine/cpu/isa/peak_tiles.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {

const Int8Kernels& amx_int8_kernels() {
  static constexpr Int8Kernels kernels{multiply_tiles<TiledInt8Product>,
                                       quantize,
                                       peak_of_tiles<TiledInt8Product>,
                                       k_group,
                                       sizeof(Element),
                                       16 * k_panel_vectors,
                                       k_operand_layout};
  return kernels;
}

const Bfloat16Kernels& amx_bfloat16_kernels() {
  static constexpr Bfloat16Kernels kernels{multiply_tiles<TiledBfloat16Product>,
                                           round_rows,
                                           peak_of_tiles<TiledBfloat16Product>,
                                           attend_in_tiles,
                                           16 * k_panel_vectors,
                                           k_operand_layout};
  return kernels;
}

}  // namespace hasten::engine::cpu
