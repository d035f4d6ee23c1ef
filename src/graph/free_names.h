// What the body of an If or a Loop reads from outside itself.
#pragma once

#include <string>
#include <vector>

#include "onnx/model.h"

namespace hasten::graph {

// Names that the graph, or a body within it, reads and does not define itself, in the order of their first
// use.
std::vector<std::string> free_names(const onnx::Graph& graph);

// Those of all bodies of a node.
std::vector<std::string> free_names(const onnx::Node& node);

}  // namespace hasten::graph
