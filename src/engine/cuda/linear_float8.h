// Linear at float8.
#pragma once

#include <memory>

#include "engine/cuda/builder.h"

namespace hasten::engine::cuda {

// Each row of the input is divided by its scale and rounded (quantize_rows.h), as is each output's row of the weight once;
// cuBLASLt multiplies with sums in float32, and the finishing kernel multiplies by both scales. The other forms of the
// buffers are float32 and bfloat16.
std::unique_ptr<Operation> make_float8_linear(const Linear& linear, const Builder& builder);

}  // namespace hasten::engine::cuda
