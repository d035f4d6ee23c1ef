//   y = com.microsoft.SkipLayerNormalization(d, x, gamma, beta, bias)
//     ==>   e = Add(d, bias)
//           y = com.microsoft.SkipLayerNormalization(e, x, gamma, beta)
#include "graph/forms/skip_biases.h"

#include "graph/passes/match.h"

namespace hasten::graph {

std::size_t take_out_skip_biases(Graph& graph) {
  std::size_t count = 0;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (!graph.node(id).is("SkipLayerNormalization", k_microsoft_domain) ||
        !has_input(graph.node(id), 4))
      continue;
    const std::vector<ValueId> inputs = graph.node(id).inputs;
    const std::string name = graph.value(graph.node(id).outputs[0]).name + ".biased";
    const ValueId sum = graph.add_op("Add", {inputs[0], inputs[4]}, {}, name);
    graph.value(sum).dtype = graph.value(inputs[0]).dtype;
    graph.node(id).inputs = {sum, inputs[1], inputs[2], inputs[3]};
    ++count;
  }
  graph.reindex();
  graph.sort();
  return count;
}

}  // namespace hasten::graph
