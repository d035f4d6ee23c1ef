// Makes a tensor of any element type from numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/half.h"
#include "base/tensor.h"

namespace hasten::graph {

// Numbers are converted to the element type as C++ does, to 16-bit floats by rounding to nearest.
class ElementWriter {
 public:
  explicit ElementWriter(DType dtype) : dtype_(dtype) {}

  void add(double value) {
    switch (dtype_) {
      case DType::k_float32:
        return put(static_cast<float>(value));
      case DType::k_float64:
        return put(value);
      case DType::k_float16:
        return put(float_to_float16(static_cast<float>(value)));
      case DType::k_bfloat16:
        return put(float_to_bfloat16(static_cast<float>(value)));
      default:
        return add(static_cast<std::int64_t>(value));
    }
  }
  void add(std::int64_t value) {
    if (is_floating(dtype_)) return add(static_cast<double>(value));
    const auto* first = reinterpret_cast<const std::byte*>(&value);  // little-endian
    bytes_.insert(bytes_.end(), first, first + size_of(dtype_));
  }
  Tensor finish(std::string_view name, Dims dims) {
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes_));
    const std::span<const std::byte> bytes(*owner);
    return make_view(name, dtype_, std::move(dims), bytes, std::move(owner));
  }

 private:
  template <typename T>
  void put(T value) {
    const auto* first = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), first, first + sizeof(T));
  }

  DType dtype_;
  std::vector<std::byte> bytes_;
};

}  // namespace hasten::graph
