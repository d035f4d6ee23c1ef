// Two arrays combined element by element, broadcast as numpy does.
#pragma once

#include <utility>
#include <vector>

#include "graph/broadcast.h"
#include "graph/operator_call.h"

namespace hasten::graph {

// The common shape of two inputs of one element type; throws k_malformed through `call` otherwise.
template <typename Real>
Dims combined_dims(const OperatorCall<Real>& call, const Array<Real>& a, const Array<Real>& b) {
  if (call.opset < 7 && call.node.integer("broadcast", 0) != 0) {
    call.unsupported("the broadcasting of opsets before 7");
  }
  if (a.dtype != b.dtype) call.malformed("the inputs are of different types");
  auto dims = broadcast_dims(a.dims, b.dims);
  call.check_shapes(dims.has_value());
  return std::move(*dims);
}

// combine(a, b) for each pair of elements, as a vector of T.
template <typename T, typename Element, typename Combine>
std::vector<T> combined_elements(const Dims& dims, std::span<const Element> a, const Dims& a_dims,
                                 std::span<const Element> b, const Dims& b_dims, Combine combine) {
  std::vector<T> out(checked_count(dims));
  const std::array strides = {broadcast_strides(a_dims, dims), broadcast_strides(b_dims, dims)};
  walk(dims, strides, [&](std::int64_t index, const auto& at) {
    out[static_cast<std::size_t>(index)] =
        combine(a[static_cast<std::size_t>(at[0])], b[static_cast<std::size_t>(at[1])]);
  });
  return out;
}

// Integers only: the result wraps around as its type does.
template <typename Real, typename Combine>
Array<Real> combined_integers(const OperatorCall<Real>& call, const Array<Real>& a,
                              const Array<Real>& b, Combine combine) {
  Dims dims = combined_dims(call, a, b);
  auto values = combined_elements<std::int64_t>(
      dims, a.integers, a.dims, b.integers, b.dims,
      [&](std::int64_t x, std::int64_t y) { return wrap_integer(combine(x, y), a.dtype); });
  return make_integers<Real>(a.dtype, std::move(dims), std::move(values));
}

// Of either kind.
template <typename Real, typename Combine>
Array<Real> combined(const OperatorCall<Real>& call, const Array<Real>& a, const Array<Real>& b,
                     Combine combine) {
  if (!a.floating() && !b.floating()) return combined_integers(call, a, b, combine);
  Dims dims = combined_dims(call, a, b);
  auto values = combined_elements<Real>(dims, a.reals, a.dims, b.reals, b.dims, combine);
  return make_reals<Real>(a.dtype, std::move(dims), std::move(values));
}

}  // namespace hasten::graph
