// Which inputs a node must have.
#pragma once

#include <string>

#include "graph/graph.h"

namespace hasten::graph {

// What a node lacks that its operator needs in every opset: "input 1", say, or "its output". Empty when it
// lacks nothing, or when the operator is not known here.
std::string missing_part(const Node& node);

}  // namespace hasten::graph
