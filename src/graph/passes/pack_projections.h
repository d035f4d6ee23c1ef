// Weights of query, key and value side by side, as com.microsoft.Attention takes them.
#pragma once

#include <array>
#include <map>
#include <string>

#include "graph/passes/attention_projection.h"

namespace hasten::graph {

struct PackedProjections {
  ValueId weight;  // [width, 3 * heads * head_size]: query, key, value
  ValueId bias;    // [3 * heads * head_size], zeros for those without
};

// Packs projections of one graph; those that share their weights (ALBERT's layers) are packed once.
class ProjectionPacker {
 public:
  explicit ProjectionPacker(Graph& graph) : graph_(graph) {}

  // Adds both to the graph, as constants; half-precision and int8 weights stay so, with what widens
  // them behind them.
  // `name` is what they are named after.
  PackedProjections pack(const Projection& query, const Projection& key, const Projection& value,
                         const std::string& name);

 private:
  using Sources = std::array<ValueId, 6>;  // weights and biases

  Graph& graph_;
  std::map<Sources, PackedProjections> packed_;
};

// Whether the three have one input, one width and one stored type.
bool can_be_packed(const Graph& graph, const Projection& query, const Projection& key,
                   const Projection& value);

}  // namespace hasten::graph
