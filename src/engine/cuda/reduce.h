// Sums and maxima over threads, in one fixed order: the same bits whatever else the grid does.
#pragma once

#include <cuda_runtime.h>

namespace hasten::engine::cuda {

inline constexpr int k_warp = 32;
inline constexpr unsigned k_all_lanes = 0xFFFFFFFFU;

// Over the lanes of a warp; every lane gets the result.
__device__ inline float warp_sum(float value) {
  for (int distance = k_warp / 2; distance > 0; distance /= 2) {
    value += __shfl_xor_sync(k_all_lanes, value, distance);
  }
  return value;
}

__device__ inline float warp_max(float value) {
  for (int distance = k_warp / 2; distance > 0; distance /= 2) {
    value = fmaxf(value, __shfl_xor_sync(k_all_lanes, value, distance));
  }
  return value;
}

// Over a block of `warps` whole warps; every thread gets the result. `partial` is shared memory of
// that many floats, free again when the call returns.
__device__ inline float block_sum(float value, float* partial, int warps) {
  value = warp_sum(value);
  const int thread = static_cast<int>(threadIdx.x);
  if (thread % k_warp == 0) partial[thread / k_warp] = value;
  __syncthreads();
  float sum = 0;
  for (int warp = 0; warp < warps; ++warp) sum += partial[warp];
  __syncthreads();
  return sum;
}

}  // namespace hasten::engine::cuda
