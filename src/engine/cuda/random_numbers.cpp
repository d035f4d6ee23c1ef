#include "engine/cuda/random_numbers.h"

#include <algorithm>
#include <random>
#include <vector>

#include "engine/cuda/number.h"

namespace hasten::engine::cuda {
namespace {

// Prime, so that no two rows of a matrix are alike.
constexpr std::size_t k_block = 262'139;

template <typename T>
DeviceMemory random_numbers(std::size_t count) {
  std::minstd_rand random(1);
  std::normal_distribution<float> normal;
  std::vector<T> block(std::min(count, k_block));
  for (T& value : block) value = from_float<T>(normal(random));
  DeviceMemory memory(count * sizeof(T));
  for (std::size_t at = 0; at < count; at += block.size()) {
    check(cudaMemcpy(memory.as<T>() + at, block.data(),
                     std::min(block.size(), count - at) * sizeof(T), cudaMemcpyHostToDevice),
          "a measurement failed");
  }
  return memory;
}

}  // namespace

DeviceMemory random_numbers(NumberType type, std::size_t count) {
  switch (type) {
    case NumberType::k_bfloat16:
      return random_numbers<BFloat16>(count);
    case NumberType::k_float16:
      return random_numbers<Float16>(count);
    case NumberType::k_float8:
      return random_numbers<Float8>(count);
    case NumberType::k_float32:
      break;
  }
  return random_numbers<float>(count);
}

}  // namespace hasten::engine::cuda
