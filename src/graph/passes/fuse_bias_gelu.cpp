//   y = Add(x, bias)
//   z = com.microsoft.Gelu(y)                ==>   z = com.microsoft.BiasGelu(x, bias)
//
//   z = com.microsoft.FastGelu(y)            ==>   z = com.microsoft.FastGelu(x, bias)
#include "graph/passes/match.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

bool is_gelu(const Node& node) {
  return node.is("Gelu", k_microsoft_domain) ||
         (node.is("FastGelu", k_microsoft_domain) && !has_input(node, 1));
}

bool fuse(Graph& graph, NodeId id) {
  const ValueId sum = graph.node(id).inputs[0];
  const NodeId add_id = graph.producer(sum);
  if (add_id == k_no_node || only_consumer(graph, sum) == k_no_node) return false;
  const Node& add = graph.node(add_id);
  if (!add.is("Add")) return false;
  const bool bias_is_left = constant_vector(graph, add.inputs[0]) != nullptr;
  const ValueId bias = add.inputs[bias_is_left ? 0 : 1];
  const ValueId input = add.inputs[bias_is_left ? 1 : 0];
  // A bias of one element would be spread over the row, which BiasGelu does not do.
  if (constant_vector(graph, bias) == nullptr || graph.value(bias).constant->size() == 1)
    return false;
  Node fused = graph.node(id);
  if (fused.op_type == "Gelu") fused.op_type = "BiasGelu";
  fused.inputs = {input, as_vector(graph, bias)};
  replace_node(graph, id, std::move(fused));
  return true;
}

}  // namespace

PassOutcome fuse_bias_gelu(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (is_gelu(graph.node(id)) && fuse(graph, id)) ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
