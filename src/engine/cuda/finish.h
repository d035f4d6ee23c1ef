// What is left of a Linear after its matrix product.
#pragma once

#include "engine/cuda/activation.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/wide_access.h"

namespace hasten::engine::cuda {

// activation(product [* column scale * row scale] + bias) + residual
template <typename T, typename P>
struct FinishTask {
  const P* product = nullptr;
  const float* row_scales = nullptr;     // of a product of float8; else null, and so are
  const float* column_scales = nullptr;  // these
  const float* bias = nullptr;           // may be null
  const float* residual = nullptr;       // may be null
  Activation activation = Activation::k_none;
  std::size_t width = 0;
  const std::int32_t* row_count = nullptr;
  Destination<T> to;
};

// The one that most models have is inlined, so that a thread's numbers are computed side by side.
template <int N>
__device__ inline void activate(Activation activation, float (&values)[N]) {
  if (activation == Activation::k_none) return;
  if (activation == Activation::k_gelu_erf) {
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] = gelu_erf(values[i]);
    return;
  }
  for (int i = 0; i < N; ++i) values[i] = activated(activation, values[i]);
}

inline constexpr std::size_t k_finish_threads = 128;

// A block finishes N * k_finish_threads columns of a row. A thread reads its numbers before it writes them, so the result may
// take the place of the product or of the residual.
template <typename T, typename P, int N>
__global__ void finish(FinishTask<T, P> task) {
  const std::size_t row = blockIdx.x;
  const std::size_t column = (blockIdx.y * k_finish_threads + threadIdx.x) * N;
  if (row >= static_cast<std::size_t>(*task.row_count) || column >= task.width) return;
  const std::size_t at = row * task.width + column;
  float values[N];
  float others[N];
  load_numbers(task.product + at, values);
  if (task.row_scales != nullptr) {
    const float row_scale = task.row_scales[row];
    load_numbers(task.column_scales + column, others);
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] = values[i] * others[i] * row_scale;
  }
  if (task.bias != nullptr) {
    load_numbers(task.bias + column, others);
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] += others[i];
  }
  activate(task.activation, values);
  if (task.residual != nullptr) {
    load_numbers(task.residual + at, others);
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] += others[i];
  }
  write_numbers(task.to, at, values);
}

template <int N, typename T, typename P>
void enqueue_finish_by(const FinishTask<T, P>& task, std::size_t row_bound, cudaStream_t stream) {
  const dim3 blocks(static_cast<unsigned>(row_bound), blocks_for(task.width, N * k_finish_threads));
  launch(finish<T, P, N>, {blocks, k_finish_threads}, stream, task);
}

// For at most `row_bound` rows.
template <typename T, typename P>
void enqueue_finish(const FinishTask<T, P>& task, std::size_t row_bound, cudaStream_t stream) {
  if (task.width % k_numbers_at_once == 0) {
    enqueue_finish_by<k_numbers_at_once>(task, row_bound, stream);
  } else {
    enqueue_finish_by<1>(task, row_bound, stream);
  }
}

}  // namespace hasten::engine::cuda
