// What follows a product of a constant matrix and can be computed with it.
//
//   y = MatMul(x, W);  z = Add(y, b);  r = Gelu(z)   ==>   r = activation(x W + b)
#pragma once

#include <functional>

#include "engine/generic/plan.h"
#include "engine/generic/products.h"

namespace hasten::engine::generic {

// Constants by value, null for others; readers of a value, or 2 where it is an output too.
struct GraphFacts {
  const graph::Graph& graph;
  std::function<const Array*(graph::ValueId)> constant;
  std::function<bool(graph::ValueId)> is_read_once;
};

// Appends the nodes that can be joined to those of a step with a prepared product, whose only node is there.
void join_following(const GraphFacts& facts, std::vector<const graph::Node*>& nodes,
                    PreparedProduct& product);

}  // namespace hasten::engine::generic
