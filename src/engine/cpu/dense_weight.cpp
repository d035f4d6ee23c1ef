#include "engine/cpu/dense_weight.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "engine/cpu/hadamard.h"

namespace hasten::engine::cpu {
namespace {

// [outputs, inputs] -> [inputs, outputs], in squares that fit the first-level cache.
template <typename T>
std::vector<T> transposed(const std::vector<T>& values, std::size_t outputs, std::size_t inputs) {
  constexpr std::size_t k_square = 32;
  std::vector<T> result(values.size());
  for (std::size_t n = 0; n < outputs; n += k_square) {
    for (std::size_t k = 0; k < inputs; k += k_square) {
      for (std::size_t i = n; i < std::min(outputs, n + k_square); ++i) {
        for (std::size_t j = k; j < std::min(inputs, k + k_square); ++j) {
          result[j * outputs + i] = values[i * inputs + j];
        }
      }
    }
  }
  return result;
}

template <typename T>
std::vector<T> row_major(const Weight& weight, std::vector<T> values) {
  if (!weight.transposed) return values;
  return transposed(values, static_cast<std::size_t>(weight.outputs()),
                    static_cast<std::size_t>(weight.inputs()));
}

std::vector<std::int8_t> stored_int8(const Weight& weight) {
  assert(weight.values.dtype == DType::k_int8 && weight.scales);
  std::vector<std::int8_t> values(weight.values.bytes.size());
  std::memcpy(values.data(), weight.values.bytes.data(), values.size());
  return row_major(weight, std::move(values));
}

}  // namespace

std::vector<float> dense_float32(const Weight& weight) {
  if (!weight.scales) return row_major(weight, to_float32(weight.values));
  const std::vector<std::int8_t> stored = stored_int8(weight);
  const std::vector<float> scales = to_float32(*weight.scales);
  std::vector<float> values(stored.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(stored[i]) * scales[i % scales.size()];
  }
  return values;
}

DenseInt8 dense_int8(const Weight& weight, bool hadamard, QuantizeColumnsKernel quantize) {
  if (weight.scales) return {stored_int8(weight), to_float32(*weight.scales)};
  std::vector<float> values = dense_float32(weight);
  const auto columns = static_cast<std::size_t>(weight.outputs());
  if (hadamard) multiply_by_hadamard(values, columns);
  DenseInt8 dense{std::vector<std::int8_t>(values.size()), std::vector<float>(columns)};
  quantize({.input = values.data(),
            .depth = static_cast<std::size_t>(weight.inputs()),
            .columns = columns,
            .values = dense.values.data(),
            .scales = dense.scales.data()});
  return dense;
}

}  // namespace hasten::engine::cpu
