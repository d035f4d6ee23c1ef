//   q, s, z = DynamicQuantizeLinear(x)
//   y = Cast(MatMulInteger(q, w, z, w_zero)) * (s * w_scale)
//                                ==>   y = MatMul(x, DequantizeLinear(w, w_scale, w_zero))
//
// the same of two activations     ==>   y = MatMul(x, x2)
//
// and the operators that ONNX Runtime fuses this to; see the header.
#include "graph/passes/restore_products.h"

#include "graph/passes/fold_dequantized.h"
#include "graph/passes/match.h"
#include "graph/passes/quantized_operand.h"
#include "graph/passes/restore_qlinear.h"

namespace hasten::graph {
namespace {

ValueId input_at(const Node& node, std::size_t index) {
  return has_input(node, index) ? node.inputs[index] : k_no_value;
}

bool replace_output(Graph& graph, NodeId id, ValueId by) {
  const ValueId old = graph.node(id).outputs[0];
  graph.remove_node(id);
  graph.replace_uses(old, by);
  return true;
}

// Puts the product of what is behind the quantised activation with the weight in the place of a
// node.
bool replace_by_product(Graph& graph, NodeId id, ValueId activation, ValueId weight, ValueId scale,
                        ValueId zero_point, ValueId bias) {
  if (activation == k_no_value) return false;
  const std::string name = graph.value(graph.node(id).outputs[0]).name;
  // Query and key, or shares and values, where a quantiser took all products.
  if (const ValueId other = before_quantizing(graph, weight); other != k_no_value) {
    return replace_output(graph, id, add_product(graph, activation, other, bias, name));
  }
  const auto dequantized = add_dequantized(graph, weight, scale, zero_point);
  if (!dequantized) return false;
  return replace_output(graph, id, add_product(graph, activation, *dequantized, bias, name));
}

// y = Mul(Cast(MatMulInteger(...)), Mul(activation scale, weight scale)): the outer Mul.
bool restore_split_product(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const Node* cast = find_producer(graph, node.inputs[side]);
    const Node* scale = find_producer(graph, node.inputs[1 - side]);
    if (cast == nullptr || scale == nullptr || !cast->is("Cast") || !scale->is("Mul")) continue;
    const Node* product = find_producer(graph, cast->inputs[0]);
    if (product == nullptr || !product->is("MatMulInteger")) continue;
    const ValueId weight_scale = scale->inputs[graph.is_constant(scale->inputs[0]) ? 0 : 1];
    return replace_by_product(graph, id, before_quantizing(graph, product->inputs[0]),
                              product->inputs[1], weight_scale, input_at(*product, 3), k_no_value);
  }
  return false;
}

// DynamicQuantizeMatMul(A, B, b_scale, b_zero_point?, bias?)
bool restore_dynamic_product(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  return replace_by_product(graph, id, node.inputs[0], node.inputs[1], node.inputs[2],
                            input_at(node, 3), input_at(node, 4));
}

// MatMulIntegerToFloat(A, B, a_scale, b_scale, a_zero_point?, b_zero_point?, bias?)
bool restore_scaled_product(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  return replace_by_product(graph, id, before_quantizing(graph, node.inputs[0]), node.inputs[1],
                            node.inputs[3], input_at(node, 5), input_at(node, 6));
}

// QAttention(input, weight, bias, input_scale, weight_scale, mask?, input_zero?, weight_zero?)
bool restore_attention(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const ValueId activation = before_quantizing(graph, node.inputs[0]);
  if (activation == k_no_value || has_input(node, 8)) return false;
  const auto weight = add_dequantized(graph, node.inputs[1], node.inputs[4], input_at(node, 7));
  if (!weight) return false;
  Node attention = graph.node(id);
  attention.op_type = "Attention";
  attention.inputs = {activation, *weight, attention.inputs[2]};
  if (has_input(graph.node(id), 5)) attention.inputs.push_back(graph.node(id).inputs[5]);
  replace_node(graph, id, std::move(attention));
  return true;
}

// DequantizeLinear(QuantizeLinear(x)): x again.
bool drop_rounding(Graph& graph, NodeId id) {
  const ValueId activation = before_quantizing(graph, graph.node(id).inputs[0]);
  if (activation == k_no_value) return false;
  return replace_output(graph, id, activation);
}

bool restore(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.is("Mul")) return restore_split_product(graph, id);
  if (node.is("DynamicQuantizeMatMul", k_microsoft_domain))
    return restore_dynamic_product(graph, id);
  if (node.is("MatMulIntegerToFloat", k_microsoft_domain)) return restore_scaled_product(graph, id);
  if (node.is("QAttention", k_microsoft_domain)) return restore_attention(graph, id);
  if (node.op_type == "DequantizeLinear") return drop_rounding(graph, id);
  return false;
}

}  // namespace

std::size_t restore_products(Graph& graph) {
  std::size_t rewritten = restore_qlinear(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) rewritten += restore(graph, id) ? 1 : 0;
  if (rewritten > 0) {
    graph.sort();
    graph.remove_dead();
  }
  rewritten += fold_dequantized(graph);
  graph.sort();
  graph.remove_dead();
  return rewritten;
}

}  // namespace hasten::graph
