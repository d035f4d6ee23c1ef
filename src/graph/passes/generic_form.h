// The form in which the generic engine takes a graph.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// A copy with its patterns fused as far as the generic engine has kernels for what they become: it means the same,
// for padded texts too.
Graph to_generic_form(const Graph& graph);

}  // namespace hasten::graph
