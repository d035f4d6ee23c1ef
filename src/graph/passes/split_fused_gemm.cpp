#include "graph/passes/split_fused_gemm.h"

namespace hasten::graph {

void split_fused_gemm(Graph& graph) {
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (!graph.node(id).is("FusedGemm", k_microsoft_domain)) continue;
    const std::string activation = graph.node(id).text("activation", "");
    if (activation != "Tanh" && activation != "Relu" && activation != "Sigmoid") continue;
    Node gemm = graph.node(id);
    const ValueId result = gemm.outputs[0];
    graph.remove_node(id);
    gemm.op_type = "Gemm";
    gemm.domain = k_onnx_domain;
    std::erase_if(gemm.attributes,
                  [](const auto& each) { return each.first.starts_with("activation"); });
    const ValueId product = graph.add_value(graph.value(result).name + ".product",
                                            graph.value(result).dtype, graph.value(result).shape);
    gemm.outputs = {product};
    graph.add_node(std::move(gemm));
    graph.add_node({activation, activation, {}, {product}, {result}, {}});
  }
  graph.sort();
}

}  // namespace hasten::graph
