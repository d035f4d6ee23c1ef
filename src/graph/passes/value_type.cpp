#include "graph/passes/value_type.h"

#include <set>
#include <string_view>

#include "base/onnx_dtype.h"
#include "graph/passes/match.h"

namespace hasten::graph {

namespace {

// Whether the operator tells something about its operands, in booleans.
bool compares(const Node& node) {
  static const std::set<std::string_view> k_operators = {
      "And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual",
      "Not", "Or",    "Xor"};
  return k_operators.contains(node.op_type);
}

// The operand whose type the result has.
ValueId passed_on(const Node& node) {
  const std::size_t operand = node.is("Where")                            ? 1
                              : node.op_type == "EmbedLayerNormalization" ? 2
                                                                          : 0;
  return operand < node.inputs.size() ? node.inputs[operand] : k_no_value;
}

}  // namespace

std::optional<DType> find_type(const Graph& graph, ValueId value) {
  // Files of any size end: producers are acyclic.
  while (value != k_no_value) {
    if (graph.is_constant(value)) return graph.value(value).constant->dtype;
    if (graph.value(value).dtype) return graph.value(value).dtype;
    const Node* node = find_producer(graph, value);
    if (node == nullptr || node->inputs.empty()) return std::nullopt;
    if (node->is("Cast")) return dtype_of_onnx(node->integer("to", 0));
    if (node->is("Shape") || node->is("Size")) return DType::k_int64;
    if (compares(*node)) return DType::k_bool;
    if (node->op_type.find("Quantize") != node->op_type.npos || node->is("ConstantOfShape"))
      return std::nullopt;
    value = passed_on(*node);
  }
  return std::nullopt;
}

ValueId cast_floating(Graph& graph, ValueId value, DType dtype) {
  if (find_type(graph, value) == dtype) return value;
  const std::string name = graph.value(value).name + ".cast";
  const ValueId cast = graph.add_op("Cast", {value}, {{"to", onnx_code_of(dtype)}}, name);
  graph.value(cast).dtype = dtype;
  return cast;
}

bool is_boolean(const Graph& graph, ValueId value) {
  return find_type(graph, value) == DType::k_bool;
}

}  // namespace hasten::graph
