#include "graph/passes/split_embedding_operators.h"

#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_position_input = 8;

// Whether the normalised sum is all that is read of it.
bool is_read_alone(const Graph& graph, const Node& node) {
  for (std::size_t index = 1; index < node.outputs.size(); ++index) {
    const ValueId output = node.outputs[index];
    if (output != k_no_value && (graph.is_output(output) || !graph.consumers(output).empty()))
      return false;
  }
  return true;
}

void split(Graph& graph, NodeId id) {
  const Node node = graph.node(id);
  OperatorBuilder builder(graph, graph.value(node.outputs[0]).name,
                          find_type(graph, node.inputs[5]));
  ValueId sum = builder.op("Add", {builder.op("Gather", {node.inputs[2], node.inputs[0]}),
                                   builder.op("Gather", {node.inputs[3], node.inputs[8]})});
  if (has_input(node, 1) && has_input(node, 4))
    sum = builder.op("Add", {sum, builder.op("Gather", {node.inputs[4], node.inputs[1]})});
  const ValueId output = node.outputs[0];
  graph.remove_node(id);
  graph.add_node({node.name,
                  "LayerNormalization",
                  {},
                  {sum, node.inputs[5], node.inputs[6]},
                  {output},
                  {{"axis", std::int64_t{-1}}, {"epsilon", node.number("epsilon", 1e-12F)}}});
}

// Whether a value is rows of a table, repeated for each text or not.
bool is_lookup(const Graph& graph, ValueId value) {
  const Node* node = find_producer(graph, value);
  if (node != nullptr && node->is("Expand")) node = find_producer(graph, node->inputs[0]);
  return node != nullptr && node->is("Gather") && graph.is_constant(node->inputs[0]);
}

bool adds_lookups(const Graph& graph, const Node& node) {
  return node.is("SkipLayerNormalization", k_microsoft_domain) && !has_input(node, 4) &&
         is_read_alone(graph, node) && is_lookup(graph, node.inputs[0]) &&
         is_lookup(graph, node.inputs[1]);
}

void split_sum(Graph& graph, NodeId id) {
  const Node node = graph.node(id);
  OperatorBuilder builder(graph, graph.value(node.outputs[0]).name,
                          find_type(graph, node.inputs[2]));
  std::vector<ValueId> inputs = {builder.op("Add", {node.inputs[0], node.inputs[1]}),
                                 node.inputs[2]};
  if (has_input(node, 3)) inputs.push_back(node.inputs[3]);
  graph.remove_node(id);
  graph.add_node({node.name,
                  "LayerNormalization",
                  {},
                  std::move(inputs),
                  {node.outputs[0]},
                  {{"axis", std::int64_t{-1}}, {"epsilon", node.number("epsilon", 1e-12F)}}});
}

}  // namespace

void split_embedding_operators(Graph& graph) {
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (adds_lookups(graph, node)) {
      split_sum(graph, id);
      continue;
    }
    if (!node.is("EmbedLayerNormalization", k_microsoft_domain) ||
        !has_input(node, k_position_input) || has_input(node, 1) != has_input(node, 4) ||
        !has_input(node, 5) || !has_input(node, 6) || !is_read_alone(graph, node)) {
      continue;
    }
    split(graph, id);
  }
  graph.sort();
  graph.remove_dead();
}

}  // namespace hasten::graph
