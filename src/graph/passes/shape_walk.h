// Shapes of all values when a small batch runs through the graph, and the small values that are
// made of shapes: what exporters compute at run time and a pattern has to know.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// The batch that is tried; inputs of the graph are [batch, length] unless they are declared to have
// more or fewer axes.
struct ProbeSize {
  std::int64_t batch;
  std::int64_t length;
};

// Whether an input of the graph is [batch, length].
bool takes_tokens(const Value& input);

// One walk over the nodes; values that are added to the graph later are not known.
class ShapeWalk {
 public:
  ShapeWalk(const Graph& graph, ProbeSize size);

  ProbeSize size() const { return size_; }

  // Nothing for values behind operators whose shapes are not worked out here.
  const std::optional<Dims>& dims(ValueId id) const;

  // Elements of a constant, or of what is computed from shapes and constants alone; nullptr when it
  // is neither or large.
  const Tensor* value(ValueId id) const;

 private:
  void walk(const Node& node);
  void evaluate(const Node& node);
  void set(ValueId id, Dims dims);

  const Graph& graph_;
  const ProbeSize size_;
  std::vector<std::optional<Dims>> dims_;
  std::map<ValueId, Tensor> values_;
};

}  // namespace hasten::graph
