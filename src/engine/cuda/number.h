// The types that the device stores numbers in, and their way to float32, in which all sums are kept.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>

namespace hasten::engine::cuda {

using BFloat16 = __nv_bfloat16;
using Float16 = __half;
// E4M3: an operand of matrix products alone.
struct Float8 {
  std::uint8_t bits;
};
inline constexpr float k_largest_float8 = 448;

__host__ __device__ inline float to_float(float value) {
  return value;
}
__host__ __device__ inline float to_float(BFloat16 value) {
  return __bfloat162float(value);
}
__host__ __device__ inline float to_float(Float16 value) {
  return __half2float(value);
}

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

template <>
__host__ __device__ inline Float8 from_float<Float8>(float value) {
  return {__nv_cvt_float_to_fp8(value, __NV_SATFINITE, __NV_E4M3)};
}

// What a row or column whose largest magnitude is `largest` is divided by before it is rounded to float8. Never so
// small that the quotient overflows; not finite when `largest` is not, so that what is computed with it is not either.
__host__ __device__ inline float float8_scale(float largest) {
  return fmaxf(largest, 1e-30F) / k_largest_float8;
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
