// Constants that passes compute, in the type that a graph's activations have.
#pragma once

#include <span>

#include "base/tensor.h"

namespace hasten::graph {

// `dtype` is a floating type; beyond its range elements become infinite, as a runtime's Cast makes
// them.
Tensor make_floating(DType dtype, Dims dims, std::span<const double> values);

}  // namespace hasten::graph
