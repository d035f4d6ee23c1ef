// Array: a tensor as the interpreter computes with it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/dtype.h"
#include "base/shape.h"
#include "base/tensor.h"

namespace hasten::graph {

// Floating-point elements of any declared type are held as Real (float or double), integers and
// booleans as int64 (uint64 by its bits). Copying copies no elements; `owner` keeps them alive.
// Invariant: as many elements as dims ask for.
template <typename Real>
struct Array {
  DType dtype = DType::k_float32;  // as the graph declares it
  Dims dims;
  std::span<const Real> reals;             // of floating types
  std::span<const std::int64_t> integers;  // of the others
  std::shared_ptr<const void> owner;

  bool floating() const { return is_floating(dtype); }
  std::int64_t size() const {
    return static_cast<std::int64_t>(floating() ? reals.size() : integers.size());
  }
  std::int64_t rank() const { return static_cast<std::int64_t>(dims.size()); }
};

// The number of elements; throws k_malformed when a dimension is negative and k_out_of_memory when
// there are more than 2^31, which no classifier needs.
std::size_t checked_count(std::span<const std::int64_t> dims);

template <typename Real>
Array<Real> make_reals(DType dtype, Dims dims, std::vector<Real> values) {
  auto owner = std::make_shared<const std::vector<Real>>(std::move(values));
  const std::span<const Real> reals(*owner);
  return {dtype, std::move(dims), reals, {}, std::move(owner)};
}

template <typename Real>
Array<Real> make_integers(DType dtype, Dims dims, std::vector<std::int64_t> values) {
  auto owner = std::make_shared<const std::vector<std::int64_t>>(std::move(values));
  const std::span<const std::int64_t> integers(*owner);
  return {dtype, std::move(dims), {}, integers, std::move(owner)};
}

template <typename Real>
Array<Real> reshaped(const Array<Real>& from, Dims dims) {
  return {from.dtype, std::move(dims), from.reals, from.integers, from.owner};
}

// A new array of the same type: fill(elements_in, elements_out) is called with spans of either
// kind.
template <typename Real, typename Fill>
Array<Real> rearranged(const Array<Real>& from, Dims dims, Fill fill) {
  const std::size_t count = checked_count(dims);
  if (from.floating()) {
    std::vector<Real> out(count);
    fill(from.reals, std::span<Real>(out));
    return make_reals<Real>(from.dtype, std::move(dims), std::move(out));
  }
  std::vector<std::int64_t> out(count);
  fill(from.integers, std::span<std::int64_t>(out));
  return make_integers<Real>(from.dtype, std::move(dims), std::move(out));
}

// Shares the tensor's memory where its elements are of type Real and aligned.
template <typename Real>
Array<Real> to_array(const Tensor& tensor);

// Floating types come out as Real, others as declared.
template <typename Real>
Tensor to_tensor(const Array<Real>& array);

// The type that the graph declares, floating ones rounded to it.
template <typename Real>
Tensor to_declared_tensor(const Array<Real>& array);

// `value` as an integer of that type: wrapped around as C++ does, 0 or 1 for booleans.
std::int64_t wrap_integer(std::int64_t value, DType dtype);

// `value` as the nearest integer of that type.
std::int64_t clamp_integer(std::int64_t value, DType dtype);

// Truncated towards zero; what does not fit becomes the nearest integer that does, NaN becomes 0.
std::int64_t truncated_integer(double value);

// `value` rounded to float16 or bfloat16; other types leave it alone.
template <typename Real>
Real round_to(Real value, DType dtype);

}  // namespace hasten::graph
