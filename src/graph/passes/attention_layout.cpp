#include "graph/passes/attention_layout.h"

#include <algorithm>
#include <numeric>

#include "graph/passes/match.h"

namespace hasten::graph {

std::optional<Dims> reshaped_dims(std::span<const std::int64_t> target, const Dims& from) {
  const std::int64_t count = element_count(from).value_or(0);
  Dims dims(target.begin(), target.end());
  std::int64_t known = 1;
  std::size_t open = dims.size();
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] == -1 && open == dims.size()) {
      open = axis;
      continue;
    }
    if (dims[axis] == 0 && axis < from.size()) dims[axis] = from[axis];
    if (dims[axis] <= 0 || dims[axis] > count / known) return std::nullopt;
    known *= dims[axis];
  }
  if (open != dims.size()) {
    dims[open] = count / known;
    known *= dims[open];
  }
  return known == count ? std::optional(dims) : std::nullopt;
}

Places::Places(Dims dims) : dims_(std::move(dims)) {
  places_.resize(static_cast<std::size_t>(element_count(dims_).value_or(0)));
  std::iota(places_.begin(), places_.end(), std::int64_t{0});
}

bool Places::reshape(std::span<const std::int64_t> target) {
  auto dims = reshaped_dims(target, dims_);
  if (!dims) return false;
  dims_ = std::move(*dims);
  return true;
}

bool Places::transpose(std::span<const std::int64_t> permutation) {
  const std::size_t rank = dims_.size();
  std::vector<std::int64_t> sorted(permutation.begin(), permutation.end());
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t axis = 0; axis < sorted.size(); ++axis) {
    if (sorted[axis] != static_cast<std::int64_t>(axis)) return false;
  }
  if (permutation.size() != rank || rank == 0) return false;
  Dims strides(rank, 1);
  for (std::size_t axis = rank - 1; axis-- > 0;)
    strides[axis] = strides[axis + 1] * dims_[axis + 1];
  Dims dims;
  Dims steps;
  for (const std::int64_t axis : permutation) {
    dims.push_back(dims_[static_cast<std::size_t>(axis)]);
    steps.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  std::vector<std::int64_t> moved(places_.size());
  Dims index(rank, 0);
  for (std::int64_t& place : moved) {
    const auto from =
        std::inner_product(index.begin(), index.end(), steps.begin(), std::int64_t{0});
    place = places_[static_cast<std::size_t>(from)];
    for (std::size_t axis = rank; axis-- > 0;) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
  dims_ = std::move(dims);
  places_ = std::move(moved);
  return true;
}

bool apply_layout(const Graph& graph, const ProbeShapes& shapes, const Node& node, Places& places) {
  if (node.is("Transpose")) {
    std::vector<std::int64_t> reversed(places.dims().size());
    std::iota(reversed.rbegin(), reversed.rend(), std::int64_t{0});
    return places.transpose(node.integers("perm", reversed));
  }
  if (!node.is("Reshape") && !node.is("Squeeze") && !node.is("Unsqueeze") && !node.is("Flatten")) {
    return false;
  }
  if (node.is("Reshape") && node.integer("allowzero", 0) == 0) {
    if (const auto target = constant_integers(graph, node.inputs[1]))
      return places.reshape(*target);
  }
  const auto& dims = shapes.dims(node.outputs[0]);
  return dims && places.reshape(*dims);
}

}  // namespace hasten::graph
