// The type of a value for which a file declares none.
#pragma once

#include <optional>

#include "graph/graph.h"

namespace hasten::graph {

// Declared, a constant's, a Cast's, a comparison's, or that of the operand whose type operators on
// activations pass on; nothing where none of these tells.
std::optional<DType> find_type(const Graph& graph, ValueId value);

// The value in a floating type, through a Cast unless it is known to be of that type.
ValueId cast_floating(Graph& graph, ValueId value, DType dtype);

// Whether a value is known to be of booleans, declared as such or not.
bool is_boolean(const Graph& graph, ValueId value);

}  // namespace hasten::graph
