// The rate of cuBLASLt on a product that is large enough to fill any device.
#include <algorithm>
#include <chrono>

#include "engine/cuda/cuda_backend.h"
#include "engine/cuda/devices.h"
#include "engine/cuda/memory.h"
#include "engine/cuda/product.h"
#include "engine/cuda/random_numbers.h"

namespace hasten::engine::cuda {
namespace {

#ifdef HASTEN_EMULATED_CUDA
constexpr std::size_t k_size = 64;
#else
constexpr std::size_t k_size = 8192;
#endif
constexpr int k_runs = 20;

}  // namespace

double measure_peak(Precision precision, int device) {
  using Clock = std::chrono::steady_clock;
  use_device(device);
  ProductShape shape;
  shape.inputs = shape.outputs = k_size;
  shape.operand = number_type_of(precision);
  shape.result = shape.operand == NumberType::k_float8 ? NumberType::k_bfloat16 : shape.operand;
  Product product(make_algorithm_cache(), nullptr);
  product.prepare(shape, k_size);
  const DeviceMemory input = random_numbers(shape.operand, k_size * k_size);
  const DeviceMemory weight = random_numbers(shape.operand, k_size * k_size);
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
