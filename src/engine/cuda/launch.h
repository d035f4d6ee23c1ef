// Starting kernels.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

#include "engine/cuda/status.h"

namespace hasten::engine::cuda {

struct Grid {
  dim3 blocks;
  dim3 threads;
  std::size_t shared_bytes = 0;
};

// Enqueues a kernel. An empty grid is no work.
template <typename... Parameters, typename... Arguments>
void launch(void (*kernel)(Parameters...), const Grid& grid, cudaStream_t stream,
            Arguments&&... arguments) {
  if (grid.blocks.x == 0 || grid.blocks.y == 0) return;
  cudaLaunchConfig_t config = {};
  config.gridDim = grid.blocks;
  config.blockDim = grid.threads;
  config.dynamicSmemBytes = grid.shared_bytes;
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, Parameters(std::forward<Arguments>(arguments))...),
        "a kernel cannot be started");
}

// The shared memory that a kernel was started with.
template <typename T>
__device__ inline T* dynamic_shared() {
#ifdef HASTEN_EMULATED_CUDA
  return reinterpret_cast<T*>(emulated::shared_memory());
#else
  extern __shared__ __align__(16) unsigned char shared_memory[];
  return reinterpret_cast<T*>(shared_memory);
#endif
}

// Blocks of so many threads that cover `count` items.
inline unsigned blocks_for(std::size_t count, std::size_t threads) {
  return static_cast<unsigned>((count + threads - 1) / threads);
}

}  // namespace hasten::engine::cuda
