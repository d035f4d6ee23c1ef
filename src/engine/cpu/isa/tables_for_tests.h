// What the tests of kernels run.
#pragma once

#include <vector>

#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {

// The tables that this machine can run, best first. Then, where there are AVX-512 VNNI and BF16, the
// kernels of amx.cpp on emulated tile registers (emulated_amx.cpp).
std::vector<const KernelTable*> tables_for_tests();

}  // namespace hasten::engine::cpu
