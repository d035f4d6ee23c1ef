#include "graph/array.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/half.h"
#include "graph/element_writer.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_max_elements = std::int64_t{1} << 31;

template <typename Real>
std::vector<Real> convert_reals(const Tensor& tensor) {
  if constexpr (std::is_same_v<Real, float>) return to_float32(tensor);
  if constexpr (std::is_same_v<Real, double>) return to_float64(tensor);
}

}  // namespace

std::size_t checked_count(std::span<const std::int64_t> dims) {
  for (const std::int64_t dim : dims) {
    if (dim < 0) fail(ErrorCode::k_malformed, "a negative dimension in shape " + to_string(dims));
  }
  const auto count = element_count(dims);
  if (!count || *count > k_max_elements) {
    fail(ErrorCode::k_out_of_memory, "a tensor of shape " + to_string(dims) + " is too large");
  }
  return static_cast<std::size_t>(*count);
}

template <typename Real>
Array<Real> to_array(const Tensor& tensor) {
  if (!is_floating(tensor.dtype)) {
    return make_integers<Real>(tensor.dtype, tensor.dims, to_int64(tensor));
  }
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.bytes.data());
  if (tensor.dtype == dtype_of<Real>() && address % alignof(Real) == 0) {
    return {tensor.dtype, tensor.dims, values_of<Real>(tensor), {}, tensor.owner};
  }
  return make_reals<Real>(tensor.dtype, tensor.dims, convert_reals<Real>(tensor));
}

template <typename Real>
Tensor to_tensor(const Array<Real>& array) {
  if (array.floating()) {
    return make_view("result", dtype_of<Real>(), array.dims, std::as_bytes(array.reals),
                     array.owner);
  }
  if (array.dtype == DType::k_int64) {
    return make_view("result", array.dtype, array.dims, std::as_bytes(array.integers), array.owner);
  }
  ElementWriter writer(array.dtype);
  for (const std::int64_t value : array.integers) writer.add(value);
  return writer.finish("result", array.dims);
}

template <typename Real>
Tensor to_declared_tensor(const Array<Real>& array) {
  if (!array.floating() || array.dtype == dtype_of<Real>()) return to_tensor(array);
  ElementWriter writer(array.dtype);
  for (const Real value : array.reals) writer.add(static_cast<double>(value));
  return writer.finish("result", array.dims);
}

std::int64_t wrap_integer(std::int64_t value, DType dtype) {
  switch (dtype) {
    case DType::k_int8:
      return static_cast<std::int8_t>(value);
    case DType::k_uint8:
      return static_cast<std::uint8_t>(value);
    case DType::k_int16:
      return static_cast<std::int16_t>(value);
    case DType::k_uint16:
      return static_cast<std::uint16_t>(value);
    case DType::k_int32:
      return static_cast<std::int32_t>(value);
    case DType::k_uint32:
      return static_cast<std::uint32_t>(value);
    case DType::k_bool:
      return value != 0;
    default:
      return value;
  }
}

std::int64_t clamp_integer(std::int64_t value, DType dtype) {
  const auto clamp = [&](auto example) {
    using Limits = std::numeric_limits<decltype(example)>;
    return std::clamp<std::int64_t>(value, Limits::min(), Limits::max());
  };
  switch (dtype) {
    case DType::k_int8:
      return clamp(std::int8_t{});
    case DType::k_uint8:
      return clamp(std::uint8_t{});
    case DType::k_int16:
      return clamp(std::int16_t{});
    case DType::k_uint16:
      return clamp(std::uint16_t{});
    case DType::k_int32:
      return clamp(std::int32_t{});
    case DType::k_uint32:
      return clamp(std::uint32_t{});
    case DType::k_uint64:
      return std::max<std::int64_t>(value, 0);
    case DType::k_bool:
      return value > 0;
    default:
      return value;
  }
}

std::int64_t truncated_integer(double value) {
  constexpr double limit = 9223372036854775808.0;  // 2^63
  if (std::isnan(value)) return 0;
  if (value >= limit) return std::numeric_limits<std::int64_t>::max();
  if (value < -limit) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

template <typename Real>
Real round_to(Real value, DType dtype) {
  if (dtype == DType::k_float16)
    return float16_to_float(float_to_float16(static_cast<float>(value)));
  if (dtype == DType::k_bfloat16) {
    return bfloat16_to_float(float_to_bfloat16(static_cast<float>(value)));
  }
  return value;
}

template Array<float> to_array(const Tensor&);
template Array<double> to_array(const Tensor&);
template Tensor to_tensor(const Array<float>&);
template Tensor to_tensor(const Array<double>&);
template Tensor to_declared_tensor(const Array<float>&);
template Tensor to_declared_tensor(const Array<double>&);
template float round_to(float, DType);
template double round_to(double, DType);

}  // namespace hasten::graph
