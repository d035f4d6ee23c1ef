// What is left of a Linear after its matrix product.
#pragma once

#include "engine/cuda/activation.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/number.h"

namespace hasten::engine::cuda {

inline constexpr std::size_t k_finish_threads = 256;

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

// An element's thread reads it before it writes it, so the result may take the place of the product or of the residual.
template <typename T, typename P>
__global__ void finish(FinishTask<T, P> task) {
  const std::size_t at = static_cast<std::size_t>(blockIdx.x) * k_finish_threads + threadIdx.x;
  if (at >= static_cast<std::size_t>(*task.row_count) * task.width) return;
  float value = to_float(task.product[at]);
  if (task.row_scales != nullptr) {
    value *= task.column_scales[at % task.width];
    value *= task.row_scales[at / task.width];
  }
  if (task.bias != nullptr) value += task.bias[at % task.width];
  value = activated(task.activation, value);
  if (task.residual != nullptr) value += task.residual[at];
  task.to.write(at, value);
}

// For at most `row_bound` rows.
template <typename T, typename P>
void enqueue_finish(const FinishTask<T, P>& task, std::size_t row_bound, cudaStream_t stream) {
  launch(finish<T, P>, {blocks_for(row_bound * task.width, k_finish_threads), k_finish_threads},
         stream, task);
}

}  // namespace hasten::engine::cuda
