#include "engine/cuda/product.h"

#include <map>
#include <mutex>
#include <utility>

#include "engine/cuda/algorithm_search.h"

namespace hasten::engine::cuda {

class AlgorithmCache {
 public:
  std::mutex mutex;
  std::map<ProductShape, cublasLtMatmulAlgo_t> algorithms;
};

std::shared_ptr<AlgorithmCache> make_algorithm_cache() {
  return std::make_shared<AlgorithmCache>();
}

struct Product::State {
  State(std::shared_ptr<AlgorithmCache> the_cache, cudaStream_t stream)
      : cache(std::move(the_cache)), matmul(stream) {}
  std::shared_ptr<AlgorithmCache> cache;
  Matmul matmul;
};

Product::Product(std::shared_ptr<AlgorithmCache> cache, cudaStream_t stream)
    : state_(std::make_unique<State>(std::move(cache), stream)) {}

Product::~Product() = default;

void Product::prepare(const ProductShape& shape, std::size_t rows) {
  const std::lock_guard lock(state_->cache->mutex);
  if (state_->cache->algorithms.contains(shape)) return;
  state_->cache->algorithms.emplace(shape, fastest_algorithm(state_->matmul, shape, rows));
}

void Product::enqueue(const ProductShape& shape, const ProductTask& task) {
  const cublasLtMatmulAlgo_t* algorithm = nullptr;
  {
    const std::lock_guard lock(state_->cache->mutex);
    algorithm = &state_->cache->algorithms.at(shape);  // nodes of a map stay where they are
  }
  state_->matmul.run(shape, task, *algorithm);
}

}  // namespace hasten::engine::cuda
