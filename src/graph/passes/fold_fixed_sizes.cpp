//   s = Shape(x)                             ==>   const s
//
// in exports for texts of one length, so many at a time, where every shape is known.
#include "graph/fixed_sizes.h"
#include "graph/passes/passes.h"
#include "graph/passes/shape_walk.h"

namespace hasten::graph {
namespace {

// Whether all inputs of tokens have these sizes.
bool are_all_fixed(const Graph& graph, const FixedSizes& sizes) {
  for (const ValueId id : graph.inputs()) {
    const auto& shape = graph.value(id).shape;
    if (!shape || shape->size() != 2 || (*shape)[0].size != sizes.batch ||
        (*shape)[1].size != sizes.length) {
      return false;
    }
  }
  return sizes.batch > 0 && sizes.length > 0;
}

bool has_shapes(const Graph& graph) {
  for (const NodeId id : graph.order()) {
    if (graph.node(id).is("Shape")) return true;
  }
  return false;
}

}  // namespace

PassOutcome fold_fixed_sizes(Graph& graph) {
  PassOutcome outcome;
  const FixedSizes fixed = fixed_sizes(graph);
  if (!are_all_fixed(graph, fixed) || !has_shapes(graph)) return outcome;
  const ShapeWalk walk(graph, {fixed.batch, fixed.length});
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const ValueId output = graph.node(id).outputs[0];
    const Tensor* known = walk.value(output);
    if (!graph.node(id).is("Shape") || known == nullptr || graph.is_output(output)) continue;
    const ValueId constant = graph.add_constant(graph.value(output).name, *known);
    graph.remove_node(id);
    graph.replace_uses(output, constant);
    ++outcome.rewrites;
  }
  if (outcome.rewrites > 0) graph.remove_dead();
  return outcome;
}

}  // namespace hasten::graph
