// Matmul: one cuBLASLt handle with a stream and scratch memory of its own.
#pragma once

#include <cublasLt.h>

#include <cstddef>
#include <vector>

#include "engine/cuda/memory.h"
#include "engine/cuda/product.h"

namespace hasten::engine::cuda {

class Matmul {
 public:
  // On the current device. The stream is the caller's.
  explicit Matmul(cudaStream_t stream);
  Matmul(const Matmul&) = delete;
  Matmul& operator=(const Matmul&) = delete;
  ~Matmul() { cublasLtDestroy(handle_); }

  // Enqueues a product. Throws k_incomplete for a device that fails.
  void run(const ProductShape& shape, const ProductTask& task,
           const cublasLtMatmulAlgo_t& algorithm);
  // Whether the algorithm computes a product of so many rows, in the memory there is.
  bool takes(const ProductShape& shape, std::size_t rows, const cublasLtMatmulAlgo_t& algorithm);
  // What cuBLASLt recommends for so many rows, best first, without a reduction of parts of a sum.
  // None where it has no such product.
  std::vector<cublasLtMatmulAlgo_t> recommended(const ProductShape& shape, std::size_t rows);

  cudaStream_t stream() const { return stream_; }

 private:
  cudaStream_t stream_;
  DeviceMemory workspace_;
  cublasLtHandle_t handle_ = nullptr;
};

}  // namespace hasten::engine::cuda
