#include "engine/cuda/quantize_rows.h"

#include "engine/cuda/reduce.h"
#include "engine/cuda/wide_access.h"

namespace hasten::engine::cuda {
namespace {

constexpr int k_warps = 4;

// A warp a row, N numbers at once.
template <int N>
__global__ void quantize(QuantizeTask task) {
  const std::size_t row = static_cast<std::size_t>(blockIdx.x) * k_warps + threadIdx.x / k_warp;
  if (row >= static_cast<std::size_t>(*task.row_count)) return;
  const std::size_t lane = threadIdx.x % k_warp;
  const BFloat16* input = task.input + row * task.width;
  float numbers[N];
  float largest = 0;
  for (std::size_t i = N * lane; i < task.width; i += N * k_warp) {
    load_numbers(input + i, numbers);
#pragma unroll
    for (const float number : numbers) largest = fmaxf(largest, fabsf(number));
  }
  const float scale = float8_scale(warp_max(largest));
  Float8* values = task.values + row * task.width;
  for (std::size_t i = N * lane; i < task.width; i += N * k_warp) {
    load_numbers(input + i, numbers);
#pragma unroll
    for (float& number : numbers) number /= scale;
    store_numbers(numbers, values + i);
  }
  if (lane == 0) task.scales[row] = scale;
}

}  // namespace

void quantize_rows(const QuantizeTask& task, std::size_t row_bound, cudaStream_t stream) {
  const Grid grid{blocks_for(row_bound, k_warps), k_warps * k_warp};
  if (task.width % k_numbers_at_once == 0) {
    launch(quantize<k_numbers_at_once>, grid, stream, task);
  } else {
    launch(quantize<1>, grid, stream, task);
  }
}

}  // namespace hasten::engine::cuda
