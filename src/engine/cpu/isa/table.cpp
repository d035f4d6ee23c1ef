#include "engine/cpu/isa/table.h"

#include <array>

#include "engine/cpu/isa/cpu_features.h"

namespace hasten::engine::cpu {

std::span<const TableEntry> kernel_tables() {
  static const std::array entries{
      TableEntry{&avx512_table(), cpu_features().avx512},
      TableEntry{&avx2_table(), cpu_features().avx2_fma},
      TableEntry{&scalar_table(), true},
  };
  return entries;
}

}  // namespace hasten::engine::cpu
