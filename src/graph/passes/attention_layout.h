// How heads are split and merged: what a chain of Reshape and Transpose does to the places of
// elements.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/shape.h"
#include "graph/graph.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {

// Reshape's result for a tensor of dimensions `from`, 0 and -1 in `target` having their meaning;
// nothing when it does not fit.
std::optional<Dims> reshaped_dims(std::span<const std::int64_t> target, const Dims& from);

// An array of the numbers 0, 1, 2, ... that goes through Reshape and Transpose.
class Places {
 public:
  explicit Places(Dims dims);

  const Dims& dims() const { return dims_; }
  // False when `target` does not fit; 0 and -1 have Reshape's meaning.
  bool reshape(std::span<const std::int64_t> target);
  bool transpose(std::span<const std::int64_t> permutation);
  bool operator==(const Places&) const = default;

 private:
  Dims dims_;
  std::vector<std::int64_t> places_;
};

// Applies a Reshape or Transpose node, or another that only names dimensions anew, with the help of
// `shapes`; false when it is another or its shape is not known.
bool apply_layout(const Graph& graph, const ProbeShapes& shapes, const Node& node, Places& places);

}  // namespace hasten::graph
