// What one node computes from constants.
#pragma once

#include <optional>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// The outputs of a node all of whose inputs are constants, in float32 arithmetic and in the types
// that the operator gives them, float16 and bfloat16 included, as a runtime would hold them (in
// double where an input is). An output that is left out has an empty tensor. Nothing when an input
// is no constant, or when the interpreter lacks the operator or an output, or refuses the inputs.
std::optional<std::vector<Tensor>> evaluate(const Graph& graph, NodeId node);

}  // namespace hasten::graph
