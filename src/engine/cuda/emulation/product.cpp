// engine/cuda/product.h by plain loops.
#include "engine/cuda/product.h"

#include <set>

#include "base/half.h"
#include "engine/cuda/emulation/control.h"
#include "engine/cuda/launch.h"

namespace hasten::engine::cuda {
namespace {

float read(const void* data, NumberType type, std::size_t at) {
  switch (type) {
    case NumberType::k_bfloat16: return bfloat16_to_float(static_cast<const std::uint16_t*>(data)[at]);
    case NumberType::k_float16: return float16_to_float(static_cast<const std::uint16_t*>(data)[at]);
    case NumberType::k_float32: break;
  }
  return static_cast<const float*>(data)[at];
}

void write(void* data, NumberType type, std::size_t at, float value) {
  switch (type) {
    case NumberType::k_bfloat16: static_cast<std::uint16_t*>(data)[at] = float_to_bfloat16(value); return;
    case NumberType::k_float16: static_cast<std::uint16_t*>(data)[at] = float_to_float16(value); return;
    case NumberType::k_float32: break;
  }
  static_cast<float*>(data)[at] = value;
}

void multiply(const ProductShape& shape, const ProductTask& task) {
  for (std::size_t row = 0; row < task.rows; ++row) {
    for (std::size_t column = 0; column < shape.outputs; ++column) {
      float sum = 0;
      for (std::size_t k = 0; k < shape.inputs; ++k) {
        sum += read(task.input, shape.operand, row * shape.inputs + k) *
               read(task.weight, shape.operand, column * shape.inputs + k);
      }
      const std::size_t at = row * shape.outputs + column;
      if (shape.adds) sum += read(task.addend, shape.result, at);
      if (shape.has_bias) sum += read(task.bias, shape.result, column);
      write(task.output, shape.result, at, sum);
    }
  }
}

}  // namespace

class AlgorithmCache {
 public:
  std::set<ProductShape> shapes;
};

std::shared_ptr<AlgorithmCache> make_algorithm_cache() { return std::make_shared<AlgorithmCache>(); }

struct Product::State {
  std::shared_ptr<AlgorithmCache> cache;
  cudaStream_t stream;
};

Product::Product(std::shared_ptr<AlgorithmCache> cache, cudaStream_t stream)
    : state_(std::make_unique<State>(State{std::move(cache), stream})) {}
Product::~Product() = default;

void Product::prepare(const ProductShape& shape, std::size_t /*rows*/) { state_->cache->shapes.insert(shape); }

void Product::enqueue(const ProductShape& shape, const ProductTask& task) {
  // As the real one, it runs only what was prepared.
  if (!state_->cache->shapes.contains(shape)) check(cudaErrorInvalidValue, "a product was not prepared");
  emulated::enqueue(state_->stream, [=] { multiply(shape, task); });
}

}  // namespace hasten::engine::cuda
