// Layer normalisation of one row by one block, which keeps the row in shared memory.
#pragma once

#include <cstddef>
#include <type_traits>

#include "engine/cuda/launch.h"
#include "engine/cuda/normalization_view.h"
#include "engine/cuda/reduce.h"
#include "engine/cuda/wide_access.h"

namespace hasten::engine::cuda {

inline constexpr int k_row_threads = 128;

inline Grid row_grid(std::size_t rows, std::size_t width) {
  return {static_cast<unsigned>(rows), k_row_threads, width * sizeof(float)};
}

__device__ inline float* shared_row() {
  return dynamic_shared<float>();
}

// A kernel for rows of `width` reads and writes so many neighbours at once where they fit; `start`
// is called with that number as a constant.
template <typename Start>
void for_row_width(std::size_t width, Start start) {
  constexpr int k_at_once = 4;
  if (width % k_at_once == 0) {
    start(std::integral_constant<int, k_at_once>());
  } else {
    start(std::integral_constant<int, 1>());
  }
}

// Calls with the first place of each N numbers of a row that are this thread's.
template <int N, typename Call>
__device__ inline void for_numbers(std::size_t width, Call call) {
  for (std::size_t i = N * threadIdx.x; i < width; i += N * k_row_threads) call(i);
}

// Calls with each number of `row` that is this thread's; the sum over the block.
template <int N, typename Term>
__device__ inline float row_sum(const float* row, std::size_t width, Term term) {
  __shared__ float partial[k_row_threads / k_warp];
  float sum = 0;
  for_numbers<N>(width, [&](std::size_t i) {
    float numbers[N];
    load_numbers(row + i, numbers);
#pragma unroll
    for (const float number : numbers) sum += term(number);
  });
  return block_sum(sum, partial, k_row_threads / k_warp);
}

// Normalises `row` (shared memory, `width` floats, written by this block's threads as for_numbers()
// shares them out) and writes it to `to` from element `start` on. All threads of the block call it.
template <int N, typename T>
__device__ inline void finish_row(const float* row, std::size_t width, const NormalizationView& by,
                                  const Destination<T>& to, std::size_t start) {
  float mean = 0;
  float factor = 1;
  if (by.gamma != nullptr) {
    const auto count = static_cast<float>(width);
    mean = row_sum<N>(row, width, [](float x) { return x; }) / count;
    const float variance =
        row_sum<N>(row, width, [&](float x) { return (x - mean) * (x - mean); }) / count;
    factor = 1.0F / sqrtf(variance + by.epsilon);
  }
  for_numbers<N>(width, [&](std::size_t i) {
    float values[N];
    load_numbers(row + i, values);
    if (by.gamma != nullptr) {
      float gamma[N];
      float beta[N] = {};
      load_numbers(by.gamma + i, gamma);
      if (by.beta != nullptr) load_numbers(by.beta + i, beta);
#pragma unroll
      for (int n = 0; n < N; ++n) values[n] = (values[n] - mean) * factor * gamma[n] + beta[n];
    }
    write_numbers(to, start + i, values);
  });
}

}  // namespace hasten::engine::cuda
