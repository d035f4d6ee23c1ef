// Tensor: a read-only, contiguous, row-major array that shares the memory it lies in.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/shape.h"

namespace hasten {

// Copying a Tensor copies no elements. `owner` keeps `bytes` alive: a mapped file, a vector.
// Invariant: bytes.size() == element_count(dims) * size_of(dtype). Elements are little-endian; their
// address may be unaligned when they lie in a file.
struct Tensor {
  DType dtype = DType::k_float32;
  Dims dims;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;

  std::int64_t size() const { return static_cast<std::int64_t>(bytes.size() / size_of(dtype)); }
};

// A tensor that owns `values`. Asserts that their number fits `dims`.
template <typename T>
Tensor make_tensor(Dims dims, std::vector<T> values);

// A tensor of one dtype and shape over `bytes`, owned by `owner`; throws k_malformed, naming `name`,
// when their length is not what dtype and dims ask for.
Tensor make_view(std::string_view name, DType dtype, Dims dims, std::span<const std::byte> bytes,
                 std::shared_ptr<const void> owner);

// Elements as a new vector of T, converted: any floating type to float or double, any integer type
// or bool to int64. Throws k_unsupported for other pairs.
std::vector<float> to_float32(const Tensor& tensor);
std::vector<double> to_float64(const Tensor& tensor);
std::vector<std::int64_t> to_int64(const Tensor& tensor);

// Elements in place when the tensor is aligned and of type T; asserts that it is.
template <typename T>
std::span<const T> values_of(const Tensor& tensor);

}  // namespace hasten

#include "base/tensor_inline.h"
