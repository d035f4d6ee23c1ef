//   input ids int64                          input ids int32
//   y = Cast(ids) {to=int32}       ==>       readers of y read ids
//   z = Gather(table, ids)                   wide = Cast(ids) {to=int64}
//                                            z = Gather(table, wide)
#include "graph/forms/int32_inputs.h"

#include <algorithm>

#include "base/onnx_dtype.h"

namespace hasten::graph {
namespace {

bool casts_to_int32(const Node& node) {
  return node.is("Cast") && node.integer("to", 0) == onnx_code_of(DType::k_int32);
}

void narrow(Graph& graph, ValueId input) {
  graph.value(input).dtype = DType::k_int32;
  const std::vector<NodeId> readers = graph.consumers(input);
  ValueId wide = k_no_value;
  for (const NodeId reader : readers) {
    const ValueId result = graph.node(reader).outputs[0];
    if (casts_to_int32(graph.node(reader)) && !graph.is_output(result)) {
      graph.remove_node(reader);
      graph.replace_uses(result, input);
      continue;
    }
    if (casts_to_int32(graph.node(reader))) continue;
    if (wide == k_no_value) {
      const std::string name = graph.value(input).name + ".int64";
      wide = graph.add_op("Cast", {input}, {{"to", onnx_code_of(DType::k_int64)}}, name);
      graph.value(wide).dtype = DType::k_int64;
      graph.value(wide).shape = graph.value(input).shape;
    }
    std::vector<ValueId>& inputs = graph.node(reader).inputs;
    std::replace(inputs.begin(), inputs.end(), input, wide);
  }
}

}  // namespace

std::size_t use_int32_inputs(Graph& graph) {
  std::size_t count = 0;
  const std::vector<ValueId> inputs = graph.inputs();
  for (const ValueId input : inputs) {
    if (graph.value(input).dtype != DType::k_int64 || graph.is_output(input)) continue;
    narrow(graph, input);
    graph.reindex();
    ++count;
  }
  graph.sort();
  return count;
}

}  // namespace hasten::graph
