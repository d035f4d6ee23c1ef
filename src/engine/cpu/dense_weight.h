// A weight as a plain matrix [inputs, outputs], whatever form it is stored in.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/cpu/isa/kernels.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

// Scales of int8 weights are multiplied in.
std::vector<float> dense_float32(const Weight& weight);

struct DenseInt8 {
  std::vector<std::int8_t> values;  // row-major, -127..127 (a stored -128 stays)
  std::vector<float> scales;        // of the columns
};

// Weights stored with scales are taken as they are, others are quantised, after multiplying them by
// the Hadamard matrix where `hadamard`.
DenseInt8 dense_int8(const Weight& weight, bool hadamard, QuantizeColumnsKernel quantize);

}  // namespace hasten::engine::cpu
