#include "graph/passes/quantized_operand.h"

#include "graph/passes/match.h"

namespace hasten::graph {

ValueId before_quantizing(const Graph& graph, ValueId quantized) {
  const Node* node = find_producer(graph, quantized);
  if (node == nullptr || node->outputs[0] != quantized) return k_no_value;
  const bool quantizes = node->is("DynamicQuantizeLinear") || node->is("QuantizeLinear") ||
                         node->is("QuantizeLinear", k_microsoft_domain);
  return quantizes ? node->inputs[0] : k_no_value;
}

std::optional<ValueId> add_dequantized(Graph& graph, ValueId weight, ValueId scale,
                                       ValueId zero_point) {
  const bool has_zero_point = zero_point != k_no_value;
  if (!graph.is_constant(weight) || !graph.is_constant(scale) ||
      (has_zero_point && !graph.is_constant(zero_point))) {
    return std::nullopt;
  }
  std::vector<ValueId> inputs = {weight, scale};
  if (has_zero_point) inputs.push_back(zero_point);
  const std::string name = graph.value(weight).name + ".dequantized";
  const ValueId result =
      graph.add_op("DequantizeLinear", std::move(inputs), {{"axis", std::int64_t{-1}}}, name);
  graph.value(result).dtype = graph.value(scale).constant->dtype;
  return result;
}

ValueId add_product(Graph& graph, ValueId activation, ValueId weight, ValueId bias,
                    const std::string& name) {
  const ValueId product = graph.add_op("MatMul", {activation, weight}, {}, name + ".product");
  return bias == k_no_value ? product : graph.add_op("Add", {product, bias}, {}, name + ".sum");
}

}  // namespace hasten::graph
