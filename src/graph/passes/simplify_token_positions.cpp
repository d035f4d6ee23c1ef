//   y = com.microsoft.EmbedLayerNormalization(ids, types, ..., position_ids)
//     ==>   y = com.microsoft.EmbedLayerNormalization(ids, types, ...)
//
// where the positions count 0, 1, 2, ..., which the operator takes when it is given none.
#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/token_positions.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_mask_input = 7;
constexpr std::size_t k_position_input = 8;

}  // namespace

PassOutcome simplify_token_positions(Graph& graph) {
  PassOutcome outcome;
  for (const NodeId id : graph.order()) {
    Node& node = graph.node(id);
    if (!node.is("EmbedLayerNormalization", k_microsoft_domain) ||
        !has_input(node, k_position_input))
      continue;
    if (find_token_positions(graph, node.inputs[k_position_input]) != TokenPositions{}) continue;
    node.inputs.resize(has_input(node, k_mask_input) ? k_position_input : k_mask_input);
    ++outcome.rewrites;
  }
  if (outcome.rewrites > 0) graph.reindex();
  return outcome;
}

}  // namespace hasten::graph
