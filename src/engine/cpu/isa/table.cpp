#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {

KernelTable with_int8(KernelTable table, const char* name, const char* needs,
                      const Int8Kernels& int8) {
  table.name = name;
  table.needs = needs;
  table.int8 = int8;
  return table;
}

KernelTable with_bfloat16(KernelTable table, const char* name, const char* needs,
                          const Bfloat16Kernels& bfloat16) {
  table.name = name;
  table.needs = needs;
  table.bfloat16 = bfloat16;
  return table;
}

}  // namespace hasten::engine::cpu
