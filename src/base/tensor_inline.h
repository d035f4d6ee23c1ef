// Template bodies of tensor.h.
#pragma once

#include <cassert>
#include <cstdint>

namespace hasten {

template <typename T>
Tensor make_tensor(Dims dims, std::vector<T> values) {
  assert(element_count(dims) == static_cast<std::int64_t>(values.size()));
  auto owner = std::make_shared<const std::vector<T>>(std::move(values));
  const auto bytes = std::as_bytes(std::span<const T>(*owner));
  return {dtype_of<T>(), std::move(dims), bytes, std::move(owner)};
}

template <typename T>
std::span<const T> values_of(const Tensor& tensor) {
  assert(tensor.dtype == dtype_of<T>());
  assert(reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignof(T) == 0);
  return {reinterpret_cast<const T*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(T)};
}

}  // namespace hasten
