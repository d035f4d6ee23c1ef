// The elements of a floating tensor, one by one: weights are too large to be copied for a look.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/half.h"
#include "base/tensor.h"

namespace hasten::graph {

// Calls visit(index, float) for every element; does nothing for tensors of other types.
template <typename Visit>
void for_each_float(const Tensor& tensor, Visit visit) {
  const auto loop = [&](auto stored, auto convert) {
    const auto count = static_cast<std::size_t>(tensor.size());
    for (std::size_t k = 0; k < count; ++k) {
      std::memcpy(&stored, tensor.bytes.data() + k * sizeof(stored), sizeof(stored));
      visit(k, convert(stored));
    }
  };
  switch (tensor.dtype) {
    case DType::k_float32:
      return loop(float{}, [](float value) { return value; });
    case DType::k_float64:
      return loop(double{}, [](double value) { return static_cast<float>(value); });
    case DType::k_float16:
      return loop(std::uint16_t{}, float16_to_float);
    case DType::k_bfloat16:
      return loop(std::uint16_t{}, bfloat16_to_float);
    default:
      return;
  }
}

}  // namespace hasten::graph
