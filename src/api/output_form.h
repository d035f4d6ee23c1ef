// What 'optimize' makes of a graph after the passes, as its options say.
#pragma once

#include <hasten/optimize.h>

#include "graph/graph.h"

namespace hasten::api {

// Throws k_usage when a fused attention has other heads, or another width, than the options name.
void check_heads(const graph::Graph& graph, const OptimizeOptions& options);

// Applies the forms in the order in which they build on each other, and reports on them. The graph
// stays verified. Throws k_unsupported.
void apply_forms(graph::Graph& graph, const OptimizeOptions& options, OptimizeReport& report);

}  // namespace hasten::api
