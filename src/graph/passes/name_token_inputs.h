// Inputs under the names that the engines know them by.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// Renames the inputs of a classifier to input_ids, attention_mask, token_type_ids and position_ids by
// what the graph does with them: ids look rows up in the largest table, types in a small one,
// positions in one between; a mask looks nothing up. Exporters call them input_mask, segment_ids:0,
// input.1 and otherwise. A graph is left as it is when two inputs could be the same thing, or when a
// name says something else (langs).
void name_token_inputs(Graph& graph);

}  // namespace hasten::graph
