// A graph in an older opset.
#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace hasten::graph {

// The oldest opset that lower_opset() leads to.
inline constexpr std::int64_t k_oldest_lowered_opset = 11;

// Rewrites the operators of the main domain whose form changed between `target` (11 or newer) and the
// graph's opset (17 or older), and declares `target`; does nothing when the graph has it or an older
// one. LayerNormalization becomes the steps it stands for, constant axes and splits become attributes.
// Throws k_unsupported naming the node, and leaves the operators as they were, when one has no older
// form.
void lower_opset(Graph& graph, std::int64_t target);

}  // namespace hasten::graph
