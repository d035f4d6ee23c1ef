// The tensor cores' product of 16 x 16 by 16 x 8 matrices of 16-bit numbers, as PTX's mma.m16n8k16.
//
// A warp holds the matrices in pieces. With group = lane / 4 and pair = 2 * (lane % 4), a lane has
//   of the left matrix:   left[0] = (group, pair..pair+1), left[1] = (group + 8, pair..), left[2] = (group, pair + 8..),
//                         left[3] = (group + 8, pair + 8..), two numbers in a register, the first in the low half;
//   of the right matrix:  right[0] = rows pair..pair+1 of column group, right[1] = rows pair + 8.. of it;
//   of the result:        (group, pair), (group, pair + 1), (group + 8, pair), (group + 8, pair + 1).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

#include "engine/cuda/number.h"

namespace hasten::engine::cuda {

template <typename T>
__device__ inline std::uint32_t pack(T low, T high) {
  std::uint16_t halves[2];
  memcpy(&halves[0], &low, sizeof(low));
  memcpy(&halves[1], &high, sizeof(high));
  return static_cast<std::uint32_t>(halves[0]) | static_cast<std::uint32_t>(halves[1]) << 16;
}

// Two neighbours in memory, at an even place.
template <typename T>
__device__ inline std::uint32_t load_pair(const T* at) {
  std::uint32_t both;
  memcpy(&both, __builtin_assume_aligned(at, sizeof(both)), sizeof(both));
  return both;
}

// result += left x right
template <typename T>
__device__ inline void multiply_add(float (&result)[4], const std::uint32_t (&left)[4],
                                    std::uint32_t right0, std::uint32_t right1);

#ifdef HASTEN_EMULATED_CUDA
template <typename T>
__device__ inline void multiply_add(float (&result)[4], const std::uint32_t (&left)[4],
                                    std::uint32_t right0, std::uint32_t right1) {
  emulated::multiply_add_fragments(result, left, right0, right1, [](std::uint16_t bits) {
    T value;
    std::memcpy(&value, &bits, sizeof(value));
    return to_float(value);
  });
}
#else
#if __CUDA_ARCH__ >= 800 || !defined(__CUDA_ARCH__)
#define HASTEN_MULTIPLY_ADD(TYPE, NAME)                                                       \
  template <>                                                                                 \
  __device__ inline void multiply_add<TYPE>(float(&result)[4], const std::uint32_t(&left)[4], \
                                            std::uint32_t right0, std::uint32_t right1) {     \
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." NAME "." NAME                       \
                 ".f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"               \
                 : "+f"(result[0]), "+f"(result[1]), "+f"(result[2]), "+f"(result[3])         \
                 : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right0),       \
                   "r"(right1));                                                              \
  }
HASTEN_MULTIPLY_ADD(BFloat16, "bf16")
HASTEN_MULTIPLY_ADD(Float16, "f16")
#undef HASTEN_MULTIPLY_ADD
#else
// Before compute capability 8.0 has_tensor_kernel() says no, and nothing calls this.
template <typename T>
__device__ inline void multiply_add(float (&)[4], const std::uint32_t (&)[4], std::uint32_t,
                                    std::uint32_t) {
  __trap();
}
#endif
#endif

}  // namespace hasten::engine::cuda
