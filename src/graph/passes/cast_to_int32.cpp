#include "graph/passes/cast_to_int32.h"

#include "base/onnx_dtype.h"
#include "graph/passes/match.h"

namespace hasten::graph {

ValueId cast_to_int32(Graph& graph, ValueId value) {
  if (graph.value(value).dtype == DType::k_int32) return value;
  const std::int64_t target = onnx_code_of(DType::k_int32);
  const Node* made_by = find_producer(graph, value);
  if (made_by != nullptr && made_by->is("Cast") && made_by->integer("to", 0) == target)
    return value;
  for (const NodeId id : graph.consumers(value)) {
    const Node& node = graph.node(id);
    if (node.is("Cast") && node.integer("to", 0) == target) return node.outputs[0];
  }
  const ValueId cast =
      graph.add_op("Cast", {value}, {{"to", target}}, graph.value(value).name + ".int32");
  graph.value(cast).dtype = DType::k_int32;
  graph.value(cast).shape = graph.value(value).shape;
  return cast;
}

}  // namespace hasten::graph
