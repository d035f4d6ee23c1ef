// A graph in a newer opset.
#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace hasten::graph {

// The newest opset that raise_opset() leads to.
inline constexpr std::int64_t k_newest_raised_opset = 17;

// Rewrites the operators of the main domain whose form changed between the graph's opset and `target`
// (at most 17), and declares `target`; does nothing when the graph has it or a newer one. Axes, splits
// and ratios become inputs, Softmax over several axes is flattened around. Throws k_unsupported naming
// the node, and leaves the operators as they were, when an operator cannot be carried over (bodies of If and
// Loop, operators of opsets before 9).
void raise_opset(Graph& graph, std::int64_t target);

}  // namespace hasten::graph
