#include "engine/cuda/quantize_rows.h"

#include "engine/cuda/reduce.h"

namespace hasten::engine::cuda {
namespace {

constexpr int k_warps = 4;

// A warp a row.
__global__ void quantize(QuantizeTask task) {
  const std::size_t row = static_cast<std::size_t>(blockIdx.x) * k_warps + threadIdx.x / k_warp;
  if (row >= static_cast<std::size_t>(*task.row_count)) return;
  const std::size_t lane = threadIdx.x % k_warp;
  const BFloat16* input = task.input + row * task.width;
  float largest = 0;
  for (std::size_t i = lane; i < task.width; i += k_warp)
    largest = fmaxf(largest, fabsf(to_float(input[i])));
  const float scale = float8_scale(warp_max(largest));
  Float8* values = task.values + row * task.width;
  for (std::size_t i = lane; i < task.width; i += k_warp)
    values[i] = from_float<Float8>(to_float(input[i]) / scale);
  if (lane == 0) task.scales[row] = scale;
}

}  // namespace

void quantize_rows(const QuantizeTask& task, std::size_t row_bound, cudaStream_t stream) {
  launch(quantize, {blocks_for(row_bound, k_warps), k_warps * k_warp}, stream, task);
}

}  // namespace hasten::engine::cuda
