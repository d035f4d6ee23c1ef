#include "graph/passes/generic_form.h"

#include "graph/passes/pass.h"
#include "graph/passes/split_attention_operators.h"
#include "graph/passes/split_fused_gemm.h"

namespace hasten::graph {
namespace {

// y = SkipLayerNormalization(x, skip, gamma, beta, b)   ==>   y = SkipLayerNormalization(Add(x, b), skip, gamma, beta)
// The bias goes to the product that x often is.
void split_skip_biases(Graph& graph) {
  constexpr std::size_t k_bias = 4;
  std::size_t splits = 0;
  for (const NodeId id : std::vector<NodeId>(graph.order())) {
    if (!graph.node(id).is("SkipLayerNormalization", k_microsoft_domain)) continue;
    const std::vector<ValueId> inputs = graph.node(id).inputs;
    if (inputs.size() <= k_bias || inputs[k_bias] == k_no_value) continue;
    const ValueId sum = graph.add_op("Add", {inputs[0], inputs[k_bias]});
    graph.node(id).inputs[0] = sum;
    graph.node(id).inputs.resize(k_bias);
    ++splits;
  }
  if (splits == 0) return;
  graph.reindex();
  graph.sort();
}

}  // namespace

Graph to_generic_form(const Graph& graph) {
  Graph simplified = graph;
  split_fused_gemm(simplified);
  const std::vector<std::string> skipped = {
      "fuse_attention", "fuse_attention_operators", "fuse_embedding_layer_normalization",
      std::string(k_fuse_rotary_embedding), std::string(k_fuse_biased_attention)};
  run_passes(simplified, skipped);
  if (split_attention_operators(simplified) > 0) run_passes(simplified, skipped);
  split_skip_biases(simplified);
  return simplified;
}

}  // namespace hasten::graph
