// Quantisation as the interpreter computes it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "graph/operator_call.h"

namespace hasten::graph {

// round(x / scale) + zero_point within the type's range, ties to even. In float32 whatever Real is,
// as the operators are defined and runtimes decide: in double a tie may fall the other way.
template <typename Real>
std::int64_t quantized(Real x, Real scale, std::int64_t zero_point, DType dtype) {
  const float level = std::nearbyint(static_cast<float>(x) / static_cast<float>(scale));
  return clamp_integer(
      truncated_integer(static_cast<double>(level) + static_cast<double>(zero_point)), dtype);
}

// Scale and zero point of uint8 for values whose range, 0 included, is [least, greatest].
template <typename Real>
struct DynamicScale {
  Real scale = 1;
  std::int64_t zero_point = 0;
};

template <typename Real>
DynamicScale<Real> dynamic_scale(std::span<const Real> values) {
  float least = 0;
  float greatest = 0;
  for (const Real value : values) {
    if (std::isnan(value)) return {value, 0};
    least = std::min(least, static_cast<float>(value));
    greatest = std::max(greatest, static_cast<float>(value));
  }
  if (least == greatest) return {};
  const float scale = (greatest - least) / 255;
  if (!std::isfinite(scale)) return {static_cast<Real>(scale), 0};  // no float holds the range
  const float zero_point = std::clamp<float>(-least / scale, 0, 255);
  return {static_cast<Real>(scale), static_cast<std::int64_t>(std::nearbyint(zero_point))};
}

// One value for all rows or columns of a matrix, or one for each.
template <typename T>
struct PerAxis {
  std::span<const T> values;
  T at(std::int64_t index) const {
    return values.size() == 1 ? values[0] : values[static_cast<std::size_t>(index)];
  }
};

// Input `index` as a scalar or as `length` values; `fallback` when it is left out.
template <typename Real>
std::vector<std::int64_t> zero_points(const OperatorCall<Real>& call, std::size_t index,
                                      std::int64_t length) {
  if (!call.has(index)) return {0};
  const auto given = call.integers(index);
  call.check_shapes(given.size() == 1 || static_cast<std::int64_t>(given.size()) == length);
  return {given.begin(), given.end()};
}

template <typename Real>
std::vector<Real> scales(const OperatorCall<Real>& call, std::size_t index, std::int64_t length) {
  const auto given = call.reals(index);
  call.check_shapes(given.size() == 1 || static_cast<std::int64_t>(given.size()) == length);
  return {given.begin(), given.end()};
}

// Operands of an integer matrix product: a [..., rows, depth], b [..., depth, columns], batches as
// in numpy.matmul, zero points per row of a and per column of b.
struct IntegerMatrix {
  std::span<const std::int64_t> values;
  Dims dims;
  std::vector<std::int64_t> zero_points;  // one, or one for each row of a or column of b
};

// An integer input of 8 bits as an operand.
template <typename Real>
IntegerMatrix matrix_operand(const OperatorCall<Real>& call, std::size_t index,
                             std::vector<std::int64_t> zero_points) {
  if (size_of(call.input(index).dtype) != 1)
    call.malformed("a matrix that is not of 8-bit integers");
  return {call.integers(index), call.input(index).dims, std::move(zero_points)};
}

// The exact product, with its shape; throws k_malformed through `call` when shapes do not fit.
template <typename Real>
std::pair<Dims, std::vector<std::int64_t>> integer_product(const OperatorCall<Real>& call,
                                                           const IntegerMatrix& a,
                                                           const IntegerMatrix& b);

}  // namespace hasten::graph
