// The type of a value for which a file declares none.
#pragma once

#include <optional>

#include "graph/graph.h"

namespace hasten::graph {

// Declared, a constant's, a Cast's, or that of the first operand, which operators on activations pass on;
// nothing where none of these tells.
std::optional<DType> find_type(const Graph& graph, ValueId value);

}  // namespace hasten::graph
