#include "graph/broadcast.h"

#include <algorithm>

namespace hasten::graph {

std::optional<Dims> broadcast_dims(std::span<const std::int64_t> a,
                                   std::span<const std::int64_t> b) {
  if (a.size() < b.size()) std::swap(a, b);
  Dims result(a.begin(), a.end());
  const std::size_t shift = a.size() - b.size();
  for (std::size_t axis = 0; axis < b.size(); ++axis) {
    std::int64_t& dim = result[axis + shift];
    if (dim == 1) {
      dim = b[axis];
    } else if (b[axis] != 1 && b[axis] != dim) {
      return std::nullopt;
    }
  }
  return result;
}

Dims strides_of(std::span<const std::int64_t> dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t axis = dims.size(); axis-- > 1;) {
    // Beside a dimension of 0 the others may be of any size: unsigned, so that it may wrap.
    strides[axis - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(strides[axis]) *
                                                  static_cast<std::uint64_t>(dims[axis]));
  }
  return strides;
}

Dims broadcast_strides(std::span<const std::int64_t> dims, std::span<const std::int64_t> target) {
  const Dims own = strides_of(dims);
  Dims strides(target.size(), 0);
  const std::size_t shift = target.size() - dims.size();
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    strides[axis + shift] = dims[axis] == 1 ? 0 : own[axis];
  }
  return strides;
}

}  // namespace hasten::graph
