//   h = Transpose(Reshape(x, [batch, length, heads, size])) {perm=[0, 2, 1, 3]}
//   y = Add(h, const b [heads, 1, size])
//     ==>   y = Transpose(Reshape(Add(x, const b [heads * size]), ...)) {perm=[0, 2, 1, 3]}
//
// so that the bias is that of the product before it; with heads that were not turned yet, b is [heads, size].
#include <array>

#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

// The constant as a vector along heads and their columns; nothing where it is more or less than that.
std::optional<Tensor> as_columns(const Tensor& bias, std::int64_t heads, std::int64_t size,
                                 bool turned) {
  Dims dims = bias.dims;
  while (dims.size() > 4 && dims[0] == 1) dims.erase(dims.begin());
  while (dims.size() < 4) dims.insert(dims.begin(), 1);
  const Dims expected = turned ? Dims{1, heads, 1, size} : Dims{1, 1, heads, size};
  if (dims != expected || !is_floating(bias.dtype)) return std::nullopt;
  Tensor vector = bias;
  vector.dims = {heads * size};
  return vector;
}

class Moving {
 public:
  explicit Moving(Graph& graph) : graph_(graph), shapes_(graph) {}

  bool move(NodeId id) {
    const Node node = graph_.node(id);
    if (!node.is("Add")) return false;
    for (const std::size_t bias : {std::size_t{1}, std::size_t{0}}) {
      if (graph_.is_constant(node.inputs[bias]) &&
          move(node, node.inputs[1 - bias], node.inputs[bias]))
        return true;
    }
    return false;
  }

 private:
  bool move(const Node& node, ValueId heads, ValueId bias) {
    const Node* turn = find_producer(graph_, heads);
    const bool turned = turn != nullptr && turn->is("Transpose");
    if (turned && turn->integers("perm", {}) != std::vector<std::int64_t>{0, 2, 1, 3}) return false;
    const Node* split = turned ? find_producer(graph_, turn->inputs[0]) : turn;
    if (split == nullptr || !split->is("Reshape") || graph_.is_output(node.outputs[0]))
      return false;
    const ValueId columns = split->inputs[0];
    const auto& dims = shapes_.dims(split->outputs[0]);
    if (!dims || dims->size() != 4 || !joins(columns, split->outputs[0])) return false;
    const auto vector = as_columns(*graph_.value(bias).constant, (*dims)[2], (*dims)[3], turned);
    if (!vector) return false;
    const Value& old = graph_.value(bias);
    OperatorBuilder builder(graph_, graph_.value(node.outputs[0]).name,
                            find_type(graph_, node.outputs[0]));
    const ValueId constant = graph_.add_constant(old.name + ".columns", *vector);
    const ValueId sum = builder.op("Add", {columns, constant});
    ValueId result = builder.op("Reshape", {sum, split->inputs[1]}, split->attributes);
    if (turned) result = builder.transpose(result, {0, 2, 1, 3});
    graph_.replace_uses(node.outputs[0], result);
    return true;
  }

  // Whether columns [batch, length, heads * size] are split into heads.
  bool joins(ValueId columns, ValueId split) const {
    const auto fits = [&](const ShapeWalk& walk) {
      const auto& from = walk.dims(columns);
      const auto& to = walk.dims(split);
      return from && to && to->size() == 4 &&
             *from == Dims{(*to)[0], (*to)[1], (*to)[2] * (*to)[3]};
    };
    return fits(shapes_.walk()) && fits(shapes_.other_walk());
  }

  Graph& graph_;
  const ProbeShapes shapes_;
};

// A graph without such constants is not worth the look at its shapes.
bool has_head_biases(const Graph& graph) {
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (!node.is("Add")) continue;
    for (const ValueId input : node.inputs) {
      if (graph.is_constant(input) && graph.value(input).constant->dims.size() >= 2) return true;
    }
  }
  return false;
}

}  // namespace

PassOutcome move_head_biases(Graph& graph) {
  PassOutcome outcome;
  if (!has_head_biases(graph)) return outcome;
  Moving moving(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) outcome.rewrites += moving.move(id) ? 1 : 0;
  graph.sort();
  if (outcome.rewrites > 0) graph.remove_dead();
  return outcome;
}

}  // namespace hasten::graph
