// Operation: one instruction of a program, prepared to be enqueued on the device.
#pragma once

#include <cuda_runtime.h>

#include <memory>
#include <string>

#include "engine/cuda/device_batch.h"
#include "engine/cuda/number.h"
#include "engine/cuda/storage_map.h"
#include "engine/cuda/workspace.h"
#include "engine/program.h"

namespace hasten::engine::cuda {

class Product;

// What one stream of the device works with.
struct Lane {
  cudaStream_t stream = nullptr;
  Workspace* workspace = nullptr;
  Product* product = nullptr;
};

// Immutable and shared by all lanes of a device. The output of each row depends on the rows of its own
// sequence alone, bit for bit.
class Operation {
 public:
  virtual ~Operation() = default;
  // Allocates nothing and does not wait, so that it can be recorded.
  virtual void enqueue(const DeviceBatch& batch, const Lane& lane) const = 0;
  // Multiply-adds times two of its matrix products.
  virtual double flops(const RaggedBatch& /*batch*/) const { return 0; }
  // "Linear 384x1536 gelu_erf"
  virtual std::string name() const = 0;
};

inline std::size_t row_count(const RaggedBatch& batch, Rows rows) {
  return rows == Rows::k_tokens ? batch.token_count() : batch.sequence_count();
}

}  // namespace hasten::engine::cuda
