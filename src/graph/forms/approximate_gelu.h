// GELU by its tanh approximation.
#pragma once

#include <cstddef>

#include "graph/graph.h"

namespace hasten::graph {

// Gelu and BiasGelu, exact, become com.microsoft.FastGelu, which differs by up to 5e-4. Returns how
// many did.
std::size_t approximate_gelu(Graph& graph);

}  // namespace hasten::graph
