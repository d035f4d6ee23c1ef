// The shape of what a node computes, from the shapes and values that a walk has found before it.
#pragma once

#include <optional>

#include "graph/graph.h"
#include "graph/passes/shape_walk.h"

namespace hasten::graph {

// Of the first output; nothing where the operator's shapes are not worked out here. The node has an input.
std::optional<Dims> infer_dims(const Graph& graph, const Node& node, const ShapeWalk& known);

// Of any output, where the shapes of the inputs alone tell it.
std::optional<Dims> infer_dims_by_rule(const Graph& graph, const Node& node, ValueId output,
                                       const ShapeWalk& known);

}  // namespace hasten::graph
