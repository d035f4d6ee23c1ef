// Matrices the other way round: PyTorch stores [outputs, inputs], ONNX's MatMul reads [inputs,
// outputs].
#pragma once

#include "base/tensor.h"

namespace hasten::architectures {

// A copy of a matrix with rows and columns exchanged; the pages of a mapped source are given back
// to the system, so that only one of the two stays in memory. Elements of 1, 2, 4 or 8 bytes.
Tensor transpose(const Tensor& matrix);

}  // namespace hasten::architectures
