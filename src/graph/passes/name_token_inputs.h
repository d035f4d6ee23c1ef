// Inputs under the names that the engines know them by.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// Which of input_ids, attention_mask, token_type_ids and position_ids each input of a classifier is, in
// the order of the inputs, by what the graph does with them: ids look rows up in the largest table,
// types in a small one, positions in one between; a mask looks nothing up. Exporters call them
// input_mask, segment_ids:0, segs, input.1, x and otherwise. They keep their own names when two could be
// the same thing, or when a name says something else (langs).
std::vector<std::string> token_input_names(const Graph& graph);

// Gives the inputs these names.
void name_token_inputs(Graph& graph);

}  // namespace hasten::graph
