#include "engine/weight_columns.h"

#include <cstring>
#include <memory>
#include <vector>

namespace hasten::engine {
namespace {

Tensor tensor_of(DType dtype, Dims dims, std::vector<std::byte> bytes) {
  auto held = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return {dtype, std::move(dims), std::span<const std::byte>(*held), held};
}

// A matrix [rows, columns] as [columns, rows].
std::vector<std::byte> turned(std::span<const std::byte> from, std::int64_t rows,
                              std::int64_t columns, std::size_t element) {
  std::vector<std::byte> to(from.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      std::memcpy(to.data() + static_cast<std::size_t>(column * rows + row) * element,
                  from.data() + static_cast<std::size_t>(row * columns + column) * element,
                  element);
    }
  }
  return to;
}

// The weight's values with a row for each column.
std::vector<std::byte> by_column(const Weight& weight) {
  const auto bytes = weight.values.bytes;
  if (weight.transposed) return {bytes.begin(), bytes.end()};
  return turned(bytes, weight.inputs(), weight.outputs(), size_of(weight.values.dtype));
}

// The other way round. Integers with scales are not read transposed.
Weight from_columns(DType dtype, std::int64_t inputs, std::int64_t outputs,
                    std::vector<std::byte> bytes, std::optional<Tensor> scales) {
  if (!scales) return {tensor_of(dtype, {outputs, inputs}, std::move(bytes)), true, std::nullopt};
  return {tensor_of(dtype, {inputs, outputs}, turned(bytes, outputs, inputs, size_of(dtype))),
          false, std::move(scales)};
}

}  // namespace

Tensor choose_elements(const Tensor& vector, std::span<const std::int64_t> elements) {
  const std::size_t size = size_of(vector.dtype);
  std::vector<std::byte> bytes(elements.size() * size);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    std::memcpy(bytes.data() + i * size,
                vector.bytes.data() + static_cast<std::size_t>(elements[i]) * size, size);
  }
  return tensor_of(vector.dtype, {static_cast<std::int64_t>(elements.size())}, std::move(bytes));
}

Tensor join_elements(const Tensor& left, const Tensor& right) {
  std::vector<float> values = to_float32(left);
  const std::vector<float> more = to_float32(right);
  values.insert(values.end(), more.begin(), more.end());
  const auto count = static_cast<std::int64_t>(values.size());
  return make_tensor<float>({count}, std::move(values));
}

Weight choose_columns(const Weight& weight, std::span<const std::int64_t> columns) {
  const std::size_t width =
      static_cast<std::size_t>(weight.inputs()) * size_of(weight.values.dtype);
  const std::vector<std::byte> from = by_column(weight);
  std::vector<std::byte> bytes(columns.size() * width);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::memcpy(bytes.data() + i * width,
                from.data() + static_cast<std::size_t>(columns[i]) * width, width);
  }
  std::optional<Tensor> scales;
  if (weight.scales) scales = choose_elements(*weight.scales, columns);
  return from_columns(weight.values.dtype, weight.inputs(),
                      static_cast<std::int64_t>(columns.size()), std::move(bytes),
                      std::move(scales));
}

std::optional<Weight> join_columns(const Weight& left, const Weight& right) {
  if (left.values.dtype != right.values.dtype || left.inputs() != right.inputs() ||
      left.scales.has_value() != right.scales.has_value()) {
    return std::nullopt;
  }
  std::vector<std::byte> bytes = by_column(left);
  const std::vector<std::byte> others = by_column(right);
  bytes.insert(bytes.end(), others.begin(), others.end());
  std::optional<Tensor> scales;
  if (left.scales) scales = join_elements(*left.scales, *right.scales);
  return from_columns(left.values.dtype, left.inputs(), left.outputs() + right.outputs(),
                      std::move(bytes), std::move(scales));
}

}  // namespace hasten::engine
