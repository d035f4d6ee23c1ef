// Layer normalisation of one row by one block, which keeps the row in shared memory.
#pragma once

#include <cstddef>

#include "engine/cuda/launch.h"
#include "engine/cuda/normalization_view.h"
#include "engine/cuda/number.h"
#include "engine/cuda/reduce.h"

namespace hasten::engine::cuda {

inline constexpr int k_row_threads = 128;

inline Grid row_grid(std::size_t rows, std::size_t width) {
  return {static_cast<unsigned>(rows), k_row_threads, width * sizeof(float)};
}

__device__ inline float* shared_row() {
  return dynamic_shared<float>();
}

// Normalises `row` (shared memory, `width` floats, written by this block's threads with the stride
// of k_row_threads) and writes it to `to` from element `start` on. All threads of the block call it.
template <typename T>
__device__ inline void finish_row(const float* row, std::size_t width, const NormalizationView& by,
                                  const Destination<T>& to, std::size_t start) {
  __shared__ float partial[k_row_threads / k_warp];
  constexpr int k_warps = k_row_threads / k_warp;
  float mean = 0;
  float factor = 1;
  if (by.gamma != nullptr) {
    float sum = 0;
    for (std::size_t i = threadIdx.x; i < width; i += k_row_threads) sum += row[i];
    mean = block_sum(sum, partial, k_warps) / static_cast<float>(width);
    float squares = 0;
    for (std::size_t i = threadIdx.x; i < width; i += k_row_threads) {
      squares += (row[i] - mean) * (row[i] - mean);
    }
    const float variance = block_sum(squares, partial, k_warps) / static_cast<float>(width);
    factor = 1.0F / sqrtf(variance + by.epsilon);
  }
  for (std::size_t i = threadIdx.x; i < width; i += k_row_threads) {
    float value = row[i];
    if (by.gamma != nullptr) {
      value = (value - mean) * factor * by.gamma[i] + (by.beta == nullptr ? 0.0F : by.beta[i]);
    }
    to.write(start + i, value);
  }
}

}  // namespace hasten::engine::cuda
