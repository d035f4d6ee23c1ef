// The types that the device stores numbers in, and their way to float32, in which all sums are kept.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

namespace hasten::engine::cuda {

using BFloat16 = __nv_bfloat16;
using Float16 = __half;

__host__ __device__ inline float to_float(float value) { return value; }
__host__ __device__ inline float to_float(BFloat16 value) { return __bfloat162float(value); }
__host__ __device__ inline float to_float(Float16 value) { return __half2float(value); }

template <typename T>
__host__ __device__ inline T from_float(float value);
template <>
__host__ __device__ inline float from_float<float>(float value) {
  return value;
}
template <>
__host__ __device__ inline BFloat16 from_float<BFloat16>(float value) {
  return __float2bfloat16_rn(value);
}
template <>
__host__ __device__ inline Float16 from_float<Float16>(float value) {
  return __float2half_rn(value);
}

// Where a kernel writes a value: as float32, as T, or both; null where nobody reads that form.
template <typename T>
struct Destination {
  float* float32 = nullptr;
  T* narrow = nullptr;

  __device__ void write(std::size_t at, float value) const {
    if (float32 != nullptr) float32[at] = value;
    if (narrow != nullptr) narrow[at] = from_float<T>(value);
  }
};

}  // namespace hasten::engine::cuda
