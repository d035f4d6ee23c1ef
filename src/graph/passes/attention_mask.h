// What an additive attention mask is made of, found by trying it on masks.
#pragma once

#include <optional>

#include "graph/graph.h"

namespace hasten::graph {

struct MaskSource {
  ValueId input;        // the graph's input: [batch_size, sequence_length], 1: attended to, 0: not
  double filter_value;  // what is added where it is 0
};

// The source of a value that is added to attention's scores, when it is the same for all queries
// and heads and depends on one input of the graph alone; nothing for any other value (causal masks,
// position biases).
std::optional<MaskSource> find_mask_source(const Graph& graph, ValueId additive);

}  // namespace hasten::graph
