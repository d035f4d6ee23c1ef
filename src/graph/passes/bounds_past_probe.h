// What a small batch does not show about larger ones.
#pragma once

#include "graph/passes/shape_walk.h"

namespace hasten::graph {

// Whether sizes behind the node may be others for batches larger than the walk's: a Slice that would
// cut longer texts, as windows of a fixed size do.
bool has_bounds_past_probe(const Graph& graph, const Node& node, const ShapeWalk& walk);

}  // namespace hasten::graph
