// Types and shapes of a graph's values, derived from its inputs and constants.
#pragma once

#include <string_view>

#include "graph/graph.h"

namespace hasten::graph {

// Sets dtype and shape of the outputs of all nodes, as far as they follow from what is before them:
// numbers where known, names of dimensions where they carry through ("batch_size"), and what was
// declared where nothing follows. Values of shape computations (Shape, Gather, Concat ...) are
// followed too, so that Reshape and Expand by them have shapes. Declared dimensions that contradict
// a derived number are replaced. Bodies (If, Loop) are not looked into. The graph must be in order.
// Throws k_malformed, naming the node, where shapes cannot fit.
void infer_shapes(Graph& graph);

// Whether infer_shapes() knows the operator.
bool has_shape_rule(std::string_view op_type, std::string_view domain);

}  // namespace hasten::graph
