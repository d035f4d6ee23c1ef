//   d = MatMul(a, w)
//   e = Add(d, bias)
//   s = Add(e, x)
//   y = LayerNormalization(s, gamma, beta)   ==>   y = com.microsoft.SkipLayerNormalization(d, x,
//   gamma,
//                                                                                         beta,
//                                                                                         bias)
//
// One of the two summands has to come from a MatMul, so that both are known to be activations; a
// sum that is read elsewhere too (pre-normalised layers) stays as it is.
#include "graph/passes/match.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

struct Summand {
  ValueId product = k_no_value;
  ValueId bias = k_no_value;
};

// Takes `value` for a product with or without a bias.
std::optional<Summand> read_summand(const Graph& graph, ValueId value) {
  const Node* node = find_producer(graph, value);
  if (node == nullptr) return std::nullopt;
  if (node->is("MatMul")) return Summand{value, k_no_value};
  if (!node->is("Add") || only_consumer(graph, value) == k_no_node) return std::nullopt;
  for (const std::size_t bias : {std::size_t{1}, std::size_t{0}}) {
    const Tensor* vector = constant_vector(graph, node->inputs[bias]);
    if (vector == nullptr || vector->size() == 1) continue;
    const Node* product = find_producer(graph, node->inputs[1 - bias]);
    if (product != nullptr && product->is("MatMul")) {
      return Summand{node->inputs[1 - bias], node->inputs[bias]};
    }
  }
  return std::nullopt;
}

bool normalizes_last_axis(const Node& node) {
  if (!node.is("LayerNormalization") || !has_input(node, 2)) return false;
  const std::int64_t axis = node.integer("axis", -1);
  const bool more_outputs = node.outputs.size() > 1;
  return (axis == -1 || axis == 2) && !more_outputs;
}

bool fuse(Graph& graph, NodeId id) {
  const Node& normalization = graph.node(id);
  const NodeId sum_id = graph.producer(normalization.inputs[0]);
  if (sum_id == k_no_node || only_consumer(graph, normalization.inputs[0]) == k_no_node)
    return false;
  const Node& sum = graph.node(sum_id);
  if (!sum.is("Add") || graph.is_constant(sum.inputs[0]) || graph.is_constant(sum.inputs[1]))
    return false;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const auto summand = read_summand(graph, sum.inputs[side]);
    if (!summand) continue;
    std::vector<ValueId> inputs = {summand->product, sum.inputs[1 - side], normalization.inputs[1],
                                   normalization.inputs[2]};
    if (summand->bias != k_no_value) inputs.push_back(as_vector(graph, summand->bias));
    const float epsilon = normalization.number("epsilon", 1e-5F);
    replace_node(graph, id,
                 {normalization.name,
                  "SkipLayerNormalization",
                  std::string(k_microsoft_domain),
                  std::move(inputs),
                  {},
                  {{"epsilon", epsilon}}});
    return true;
  }
  return false;
}

}  // namespace

PassOutcome fuse_skip_layer_normalization(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (normalizes_last_axis(graph.node(id)) && fuse(graph, id)) ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
