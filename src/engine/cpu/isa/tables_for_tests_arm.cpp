#include "engine/cpu/isa/tables_for_tests.h"

namespace hasten::engine::cpu {

std::vector<const KernelTable*> tables_for_tests() {
  std::vector<const KernelTable*> tables;
  for (const TableEntry& entry : kernel_tables()) {
    if (entry.available) tables.push_back(entry.table);
  }
  return tables;
}

}  // namespace hasten::engine::cpu
