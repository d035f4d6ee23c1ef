#include "engine/generic/join_products.h"

#include <optional>

namespace hasten::engine::generic {
namespace {

using graph::Node;
using graph::ValueId;

std::optional<Activation> activation_of(const Node& node) {
  const auto microsoft = graph::k_microsoft_domain;
  if (node.is("Relu")) return Activation::k_relu;
  if (node.is("Tanh")) return Activation::k_tanh;
  if (node.is("Sigmoid")) return Activation::k_sigmoid;
  if (node.is("Gelu", microsoft) || node.is("BiasGelu", microsoft)) return Activation::k_gelu_erf;
  if (node.is("FastGelu", microsoft)) return Activation::k_gelu_tanh;
  if (!node.is("Gelu")) return std::nullopt;
  return node.text("approximate", "none") == "tanh" ? Activation::k_gelu_tanh
                                                    : Activation::k_gelu_erf;
}

// The only node that reads the value of the last node.
const Node* next_node(const GraphFacts& facts, const Node& last) {
  const ValueId value = last.outputs[0];
  if (!facts.is_read_once(value)) return nullptr;
  const auto& readers = facts.graph.consumers(value);
  return readers.size() == 1 ? &facts.graph.node(readers[0]) : nullptr;
}

// Takes the constant that the node adds to its input `value` for the product's bias.
bool take_bias(const GraphFacts& facts, const Node& node, ValueId value, PreparedProduct& product) {
  if (node.inputs.size() != 2 || !product.bias.empty()) return false;
  const std::size_t other = node.inputs[0] == value ? 1 : 0;
  if (node.inputs[1 - other] != value || node.inputs[other] == graph::k_no_value) return false;
  const Array* bias = facts.constant(node.inputs[other]);
  const std::size_t columns = product.right.columns;
  if (bias == nullptr || bias->dtype != DType::k_float32 || bias->dims.size() != 1 ||
      bias->reals.size() != columns) {
    return false;
  }
  product.bias.assign(bias->reals.begin(), bias->reals.end());
  product.bias.resize(cpu::round_up(columns, 16));
  return true;
}

}  // namespace

void join_following(const GraphFacts& facts, std::vector<const Node*>& nodes,
                    PreparedProduct& product) {
  while (const Node* next = next_node(facts, *nodes.back())) {
    const ValueId value = nodes.back()->outputs[0];
    if (next->is("Add")) {
      if (!take_bias(facts, *next, value, product)) return;
      nodes.push_back(next);
      continue;
    }
    const auto activation = activation_of(*next);
    if (!activation || next->inputs[0] != value) return;
    const bool has_bias = next->inputs.size() > 1 && next->inputs[1] != graph::k_no_value;
    if (has_bias && !take_bias(facts, *next, value, product)) return;
    product.activation = *activation;
    nodes.push_back(next);
    return;
  }
}

}  // namespace hasten::engine::generic
