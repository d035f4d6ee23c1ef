#include "engine/cpu/isa/tables_for_tests.h"

#include <immintrin.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/cpu_features.h"
#include "engine/cpu/isa/compiler.h"

HASTEN_TARGET_BEGIN("avx,avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16")

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
#include "engine/cpu/isa/tiles_emulated.h"
#include "engine/cpu/isa/tile_finisher.inc"
#include "engine/cpu/isa/tile_panel.inc"
#include "engine/cpu/isa/gemm_tiles.inc"
#include "engine/cpu/isa/attention_softmax.inc"
#include "engine/cpu/isa/attention_tiles.inc"
// clang-format on

}  // namespace
}  // namespace hasten::engine::cpu

HASTEN_TARGET_END

namespace hasten::engine::cpu {
namespace {

const KernelTable& emulated_amx_table() {
  static const KernelTable table = [] {
    KernelTable amx = avx512_table();
    amx.name = "emulated amx";
    amx.int8 = {multiply_tiles<TiledInt8Product>,
                quantize,
                nullptr,
                k_group,
                sizeof(Element),
                16 * k_panel_vectors,
                k_operand_layout};
    amx.bfloat16 = {multiply_tiles<TiledBfloat16Product>,
                    round_rows,
                    nullptr,
                    attend_in_tiles,
                    16 * k_panel_vectors,
                    k_operand_layout};
    return amx;
  }();
  return table;
}

}  // namespace

std::vector<const KernelTable*> tables_for_tests() {
  std::vector<const KernelTable*> tables;
  for (const TableEntry& entry : kernel_tables()) {
    if (entry.available) tables.push_back(entry.table);
  }
  const CpuFeatures cpu = detect_cpu_features();
  if (cpu.avx512_vnni && cpu.avx512_bf16) tables.push_back(&emulated_amx_table());
  return tables;
}

}  // namespace hasten::engine::cpu
