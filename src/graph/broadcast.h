// numpy's broadcasting: shapes aligned at their ends, a dimension of 1 stretched.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/shape.h"

namespace hasten::graph {

// The common shape of two, or nothing.
std::optional<Dims> broadcast_dims(std::span<const std::int64_t> a,
                                   std::span<const std::int64_t> b);

// Row-major strides in elements of an operand of shape `dims` for walking over `target`: 0 where it
// is stretched. `dims` must broadcast to `target`.
Dims broadcast_strides(std::span<const std::int64_t> dims, std::span<const std::int64_t> target);

// Row-major strides in elements.
Dims strides_of(std::span<const std::int64_t> dims);

// Calls visit(index, offsets) for every element of `dims` in row-major order; offsets[k] is the sum
// of coordinates times strides[k].
template <std::size_t Count, typename Visit>
void walk(std::span<const std::int64_t> dims, const std::array<Dims, Count>& strides, Visit visit) {
  const std::size_t rank = dims.size();
  std::array<std::int64_t, Count> offsets{};
  if (rank == 0) return visit(std::int64_t{0}, offsets);
  for (const std::int64_t dim : dims) {
    if (dim == 0) return;
  }
  Dims place(rank, 0);
  std::int64_t index = 0;
  while (true) {
    std::array<std::int64_t, Count> inner = offsets;
    for (std::int64_t column = 0; column < dims[rank - 1]; ++column) {
      visit(index++, inner);
      for (std::size_t k = 0; k < Count; ++k) inner[k] += strides[k][rank - 1];
    }
    std::size_t axis = rank - 1;
    while (true) {
      if (axis == 0) return;
      --axis;
      for (std::size_t k = 0; k < Count; ++k) offsets[k] += strides[k][axis];
      if (++place[axis] < dims[axis]) break;
      for (std::size_t k = 0; k < Count; ++k) offsets[k] -= strides[k][axis] * dims[axis];
      place[axis] = 0;
    }
  }
}

}  // namespace hasten::graph
