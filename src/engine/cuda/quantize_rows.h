// Rows of bfloat16 as float8, each with a scale of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cuda/launch.h"
#include "engine/cuda/number.h"

namespace hasten::engine::cuda {

struct QuantizeTask {
  const BFloat16* input = nullptr;
  std::size_t width = 0;
  const std::int32_t* row_count = nullptr;  // on the device
  Float8* values = nullptr;                 // rows x width
  float* scales = nullptr;                  // values * scale of the row is the input, rounded
};

// At most `row_bound` rows.
void quantize_rows(const QuantizeTask& task, std::size_t row_bound, cudaStream_t stream);

}  // namespace hasten::engine::cuda
