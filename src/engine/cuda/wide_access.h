// Neighbours in memory that a thread loads and stores at once. They start at a multiple of their size.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstring>

#include "engine/cuda/number.h"

namespace hasten::engine::cuda {

template <typename T, int N>
struct alignas(N * sizeof(T)) Numbers {
  T at[N];
};

template <int N, typename T>
__device__ inline void load_numbers(const T* from, float (&to)[N]) {
  const auto numbers = *reinterpret_cast<const Numbers<T, N>*>(from);
#pragma unroll
  for (int i = 0; i < N; ++i) to[i] = to_float(numbers.at[i]);
}

template <int N, typename T>
__device__ inline Numbers<T, N> rounded(const float (&values)[N]) {
  Numbers<T, N> numbers;
#pragma unroll
  for (int i = 0; i < N; ++i) numbers.at[i] = from_float<T>(values[i]);
  return numbers;
}

// To global memory, sixteen bytes by an instruction: by itself the compiler would store a struct of
// so many 16-bit numbers pair by pair.
template <int N, typename T>
__device__ inline void store_numbers(const float (&values)[N], T* to) {
  const Numbers<T, N> numbers = rounded<N, T>(values);
  if constexpr (sizeof(numbers) % sizeof(uint4) == 0) {
    constexpr int k_words = sizeof(numbers) / sizeof(uint4);
    uint4 words[k_words];
    memcpy(words, &numbers, sizeof(numbers));
#pragma unroll
    for (int i = 0; i < k_words; ++i) __stwb(reinterpret_cast<uint4*>(to) + i, words[i]);
  } else {
    *reinterpret_cast<Numbers<T, N>*>(to) = numbers;
  }
}

template <int N>
__device__ inline void store_shared(const float (&values)[N], float* to) {
  *reinterpret_cast<Numbers<float, N>*>(to) = rounded<N, float>(values);
}

template <int N, typename T>
__device__ inline void write_numbers(const Destination<T>& to, std::size_t at,
                                     const float (&values)[N]) {
  if (to.float32 != nullptr) store_numbers(values, to.float32 + at);
  if (to.narrow != nullptr) store_numbers(values, to.narrow + at);
}

// Rows whose width is a multiple of it are read and written so many numbers at once.
inline constexpr int k_numbers_at_once = 8;

}  // namespace hasten::engine::cuda
