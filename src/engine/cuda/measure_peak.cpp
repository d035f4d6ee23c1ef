// The rate of cuBLASLt on a product that is large enough to fill any device.
#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "engine/cuda/cuda_backend.h"
#include "engine/cuda/memory.h"
#include "engine/cuda/prepared_program.h"
#include "engine/cuda/product.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_size = 8192;
constexpr std::size_t k_different_rows = 64;
constexpr int k_runs = 20;

// Numbers as they are in a model: a device that multiplies zeros runs cooler, and faster.
template <typename T>
DeviceMemory random_matrix() {
  std::minstd_rand random(1);
  std::normal_distribution<float> normal;
  std::vector<T> values(k_size);
  DeviceMemory memory(k_size * k_size * sizeof(T));
  for (std::size_t row = 0; row < k_size; ++row) {
    if (row < k_different_rows) {
      for (T& value : values) value = from_float<T>(normal(random));
    }
    std::rotate(values.begin(), values.begin() + 1, values.end());
    check(cudaMemcpy(memory.as<T>() + row * k_size, values.data(), k_size * sizeof(T), cudaMemcpyHostToDevice),
          "a measurement failed");
  }
  return memory;
}

DeviceMemory random_matrix(NumberType type) {
  switch (type) {
    case NumberType::k_bfloat16: return random_matrix<BFloat16>();
    case NumberType::k_float16: return random_matrix<Float16>();
    case NumberType::k_float32: break;
  }
  return random_matrix<float>();
}

}  // namespace

double measure_peak(Precision precision, int device) {
  using Clock = std::chrono::steady_clock;
  const CurrentDevice current(device);
  ProductShape shape;
  shape.inputs = shape.outputs = k_size;
  shape.operand = shape.result = number_type_of(precision);
  Product product(make_algorithm_cache(), nullptr);
  product.prepare(shape, k_size);
  const DeviceMemory input = random_matrix(shape.operand);
  const DeviceMemory weight = random_matrix(shape.operand);
  const DeviceMemory output(k_size * k_size * sizeof(float));
  const ProductTask task{k_size, input.data(), weight.data(), nullptr, nullptr, output.data()};
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    check(cudaStreamSynchronize(nullptr), "a measurement failed");
    const auto start = Clock::now();
    for (int run = 0; run < k_runs; ++run) product.enqueue(shape, task);
    check(cudaStreamSynchronize(nullptr), "a measurement failed");
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, 2.0 * k_runs * k_size * k_size * k_size / seconds);
  }
  return best;
}

}  // namespace hasten::engine::cuda
