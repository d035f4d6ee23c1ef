// Is a graph well-formed?
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// Throws k_malformed naming the first defect: an id out of range, a value with two producers or
// none, a node before its inputs, a duplicate name, an unread index, an output that nobody
// computes.
void verify(const Graph& graph);

}  // namespace hasten::graph
