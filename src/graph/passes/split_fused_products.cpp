//   y = com.microsoft.FusedMatMul(a, b) {alpha=s, transB=1}
//                                            ==>   y = Mul(MatMul(a, Transpose(b)), const s)
//
// so that patterns meet one form of products. Runtimes that have FusedMatMul make it again.
#include <algorithm>
#include <array>
#include <numeric>

#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

// The operand with its last two axes exchanged; nothing when it is not known how many it has.
std::optional<ValueId> turn(Graph& graph, const ProbeShapes& shapes, ValueId operand,
                            bool is_turned) {
  if (!is_turned) return operand;
  const auto& dims = shapes.dims(operand);
  if (!dims || dims->size() < 2) return std::nullopt;
  std::vector<std::int64_t> permutation(dims->size());
  std::iota(permutation.begin(), permutation.end(), std::int64_t{0});
  std::swap(permutation[dims->size() - 1], permutation[dims->size() - 2]);
  const std::string name = graph.value(operand).name + ".turned";
  return graph.add_op("Transpose", {operand}, {{"perm", std::move(permutation)}}, name);
}

bool split(Graph& graph, const ProbeShapes& shapes, NodeId id) {
  const Node node = graph.node(id);
  if (node.integer("transBatchA", 0) != 0 || node.integer("transBatchB", 0) != 0) return false;
  const float alpha = node.number("alpha", 1);
  const auto dtype = find_type(graph, node.inputs[0]);
  const auto left = turn(graph, shapes, node.inputs[0], node.integer("transA", 0) != 0);
  const auto right = turn(graph, shapes, node.inputs[1], node.integer("transB", 0) != 0);
  if (!left || !right || !dtype || !is_floating(*dtype)) return false;
  if (alpha == 1) {
    replace_node(graph, id, {node.name, "MatMul", {}, {*left, *right}, {}, {}});
    return true;
  }
  const std::string name = graph.value(node.outputs[0]).name;
  const ValueId product = graph.add_op("MatMul", {*left, *right}, {}, name + ".product");
  const ValueId factor =
      graph.add_constant(name + ".factor", make_floating(*dtype, {}, std::array{double{alpha}}));
  replace_node(graph, id, {node.name, "Mul", {}, {product, factor}, {}, {}});
  return true;
}

}  // namespace

PassOutcome split_fused_products(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  const auto is_fused = [&](NodeId id) {
    return graph.node(id).is("FusedMatMul", k_microsoft_domain);
  };
  if (std::none_of(order.begin(), order.end(), is_fused)) return outcome;
  const ProbeShapes shapes(graph);
  for (const NodeId id : order) {
    if (is_fused(id) && split(graph, shapes, id)) ++outcome.rewrites;
  }
  graph.sort();
  return outcome;
}

}  // namespace hasten::graph
