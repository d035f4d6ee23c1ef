// Weights of query, key and value side by side, as com.microsoft.Attention takes them.
#pragma once

#include "graph/passes/attention_projection.h"

namespace hasten::graph {

struct PackedProjections {
  ValueId weight;  // [width, 3 * heads * head_size]: query, key, value
  ValueId bias;    // [3 * heads * head_size], zeros for those without
};

// Adds both to the graph, as constants; half-precision weights stay so, with a Cast behind them.
// `name` is what they are named after.
PackedProjections pack_projections(Graph& graph, const Projection& query, const Projection& key,
                                   const Projection& value, const std::string& name);

// Whether the three have one input, one width and one stored type.
bool can_be_packed(const Graph& graph, const Projection& query, const Projection& key,
                   const Projection& value);

}  // namespace hasten::graph
