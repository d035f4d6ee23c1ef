// How large the values of a graph can become, proved from its weights.
#pragma once

#include <map>

#include "graph/graph.h"

namespace hasten::graph {

// Of a value for every input of the graph: no element is greater in size than `peak`, no row (along
// the last axis) longer than `norm`. Infinite where nothing is known.
struct Bound {
  double peak;
  double norm;
};

// Normalisation bounds what enters a layer (|LayerNorm(x)| <= max|gamma| sqrt(width) + |beta|), and
// a product's columns bound what leaves it (|x W| <= |x| |W|, by Cauchy and Schwarz), so that for
// most encoders every activation has a bound. Values that a fused operator holds inside itself
// (queries, keys, scores, a residual sum) count towards the bound of `inside`.
class ValueBounds {
 public:
  // Of all values; infer_shapes() should have been over the graph.
  explicit ValueBounds(const Graph& graph);

  Bound of(ValueId value) const;
  // The greatest size of what a node computes on its way to its outputs, these included.
  double inside(NodeId node) const;

 private:
  void visit(NodeId id);

  const Graph& graph_;
  std::map<ValueId, Bound> bounds_;
  std::map<NodeId, double> inside_;
};

}  // namespace hasten::graph
