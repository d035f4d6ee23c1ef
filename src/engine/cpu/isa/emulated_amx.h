// The kernels of amx.cpp on emulated tile registers, so that their tests run on any processor with
// AVX-512 VNNI and BF16.
#pragma once

#include <vector>

#include "engine/cpu/isa/table.h"

namespace hasten::engine::cpu {

// The tables that this machine can run, best first; then the emulated one, where it can run.
std::vector<const KernelTable*> tables_for_tests();

}  // namespace hasten::engine::cpu
