//   y = com.microsoft.BiasGelu(x, bias)      ==>   y = com.microsoft.FastGelu(x, bias)
//   y = com.microsoft.Gelu(x)                ==>   y = com.microsoft.FastGelu(x)
//   y = Gelu(x) {approximate="none"}
#include "graph/forms/approximate_gelu.h"

namespace hasten::graph {
namespace {

bool is_exact_gelu(const Node& node) {
  if (node.is("Gelu")) return node.text("approximate", "none") == "none";
  return node.is("Gelu", k_microsoft_domain) || node.is("BiasGelu", k_microsoft_domain);
}

}  // namespace

std::size_t approximate_gelu(Graph& graph) {
  std::size_t count = 0;
  for (const NodeId id : graph.order()) {
    Node& node = graph.node(id);
    if (!is_exact_gelu(node)) continue;
    node.op_type = "FastGelu";
    node.domain = k_microsoft_domain;
    node.attributes.clear();
    ++count;
  }
  if (count > 0) graph.opsets.try_emplace(std::string(k_microsoft_domain), 1);
  return count;
}

}  // namespace hasten::graph
