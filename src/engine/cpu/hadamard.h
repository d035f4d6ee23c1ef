// Products in int8 put a Hadamard matrix H (isa/kernels.h), its own inverse, between activations and
// weights: x W = (x H) (H W). It spreads what a few outlying columns hold over 128, so that the steps
// of 8 bits become smaller on both sides (QuaRot, arXiv:2404.00456). The left factor is taken times
// sqrt(128), so that blocks of 128 need sums alone, and the right one divided by it.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/program.h"

namespace hasten::engine::cpu {

// For each buffer, whether its 8-bit form is multiplied by H: not where a product reads it that wants
// it plain, or whose weights are stored in int8 and taken as they are, and not in rows that are too
// wide.
std::vector<bool> hadamard_buffers(const Program& program);

// matrix = H / sqrt(128) x matrix, row-major, `columns` wide.
void multiply_by_hadamard(std::vector<float>& matrix, std::size_t columns);

}  // namespace hasten::engine::cpu
