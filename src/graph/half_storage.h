// Where ONNX Runtime's CPU provider holds float16 tensors in 16 bits: behind the few operators that
// have a kernel for them, which move elements or normalise. Every other operator is computed in
// float32 there, and what goes from one such operator to the next is not rounded in between.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// One run over a graph's nodes, in their order.
class HalfStorage {
 public:
  explicit HalfStorage(const Graph& graph) : graph_(graph), is_widened_(graph.value_count()) {}

  // Whether the node, the next to run, reads and gives its float16 tensors in 16 bits. `is_half`
  // tells which of its inputs are of float16.
  bool holds_half(const Node& node, const std::vector<bool>& is_half);

 private:
  bool runs_between_floats(const Node& node, const std::vector<bool>& is_half) const;

  const Graph& graph_;
  std::vector<bool> is_widened_;  // by value: whether its node computes float16 inputs in float32
};

}  // namespace hasten::graph
