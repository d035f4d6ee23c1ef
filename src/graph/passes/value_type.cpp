#include "graph/passes/value_type.h"

#include "base/onnx_dtype.h"
#include "graph/passes/match.h"

namespace hasten::graph {

std::optional<DType> find_type(const Graph& graph, ValueId value) {
  // Files of any size end: producers are acyclic.
  while (value != k_no_value) {
    if (graph.is_constant(value)) return graph.value(value).constant->dtype;
    if (graph.value(value).dtype) return graph.value(value).dtype;
    const Node* node = find_producer(graph, value);
    if (node == nullptr || node->inputs.empty()) return std::nullopt;
    if (node->is("Cast")) return dtype_of_onnx(node->integer("to", 0));
    if (node->is("Shape") || node->is("Size")) return DType::k_int64;
    if (node->op_type.find("Quantize") != node->op_type.npos || node->is("ConstantOfShape")) return std::nullopt;
    value = node->inputs[node->is("Where") && node->inputs.size() == 3 ? 1 : 0];
  }
  return std::nullopt;
}

}  // namespace hasten::graph
