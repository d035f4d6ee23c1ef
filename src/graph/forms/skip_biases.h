// Biases outside of SkipLayerNormalization.
#pragma once

#include <cstddef>

#include "graph/graph.h"

namespace hasten::graph {

// Gives each bias that a SkipLayerNormalization adds a node of its own again. Returns how many.
std::size_t take_out_skip_biases(Graph& graph);

}  // namespace hasten::graph
