//   m = GlobalAveragePool(x), x of rank 3    ==>   m = ReduceMean(x) {axes=[2]}
//
//   s = Slice(x, [0, 0], [max, 1], [0, 1])
//   t = Squeeze(s) {axes=[1]}                ==>   t = Gather(x, const 0) {axis=1}
//
// All as tf2onnx writes TensorFlow's layers (tensordot, moments, x[:, 0]).
#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_first_opset_with_axes_input = 18;

class Restating {
 public:
  explicit Restating(Graph& graph)
      : graph_(graph), shapes_(graph, probe_size_of(graph, k_probe_size)) {}

  bool restate(NodeId id) {
    if (graph_.node(id).is("GlobalAveragePool")) return restate_mean(id);
    return graph_.node(id).is("Squeeze") && restate_first_token(id);
  }

 private:
  // Whether a Slice takes the first element of axis 1, and all of the other axes.
  bool takes_first(const Node& slice) const {
    for (const std::size_t operand : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
      if (!has_input(slice, operand) || !graph_.is_constant(slice.inputs[operand])) return false;
    }
    if (has_input(slice, 4)) return false;
    const auto starts = *constant_integers(graph_, slice.inputs[1]);
    const auto ends = *constant_integers(graph_, slice.inputs[2]);
    const auto axes = *constant_integers(graph_, slice.inputs[3]);
    constexpr std::int64_t k_all = 1 << 30;
    bool first = false;
    for (std::size_t k = 0; k < axes.size() && k < starts.size() && k < ends.size(); ++k) {
      if (starts[k] != 0 || (axes[k] == 1 ? ends[k] != 1 : axes[k] < 0 || ends[k] < k_all))
        return false;
      first = first || axes[k] == 1;
    }
    return first;
  }

  bool restate_first_token(NodeId id) {
    const auto axes = integers_of(graph_, graph_.node(id), "axes", 1);
    const Node* slice = find_producer(graph_, graph_.node(id).inputs[0]);
    if (!axes || *axes != std::vector<std::int64_t>{1} || slice == nullptr || !slice->is("Slice"))
      return false;
    const auto& dims = shapes_.dims(slice->inputs[0]);
    if (!dims || dims->size() != 3 || !takes_first(*slice)) return false;
    const ValueId input = slice->inputs[0];
    const std::string name = graph_.value(graph_.node(id).outputs[0]).name;
    const ValueId zero = graph_.add_constant(name + ".index", make_tensor<std::int64_t>({}, {0}));
    replace_node(graph_, id, {name, "Gather", {}, {input, zero}, {}, {{"axis", std::int64_t{1}}}});
    return true;
  }

  bool restate_mean(NodeId id) {
    const Node node = graph_.node(id);
    const auto& dims = shapes_.dims(node.inputs[0]);
    if (!dims || dims->size() != 3) return false;
    Node mean{node.name, "ReduceMean", {}, {node.inputs[0]}, {}, {}};
    const auto opset = graph_.opsets.find(std::string(k_onnx_domain));
    if (opset != graph_.opsets.end() && opset->second >= k_first_opset_with_axes_input) {
      mean.inputs.push_back(graph_.add_constant(graph_.value(node.outputs[0]).name + ".axes",
                                                make_tensor<std::int64_t>({1}, {2})));
    } else {
      mean.attributes["axes"] = std::vector<std::int64_t>{2};
    }
    replace_node(graph_, id, std::move(mean));
    return true;
  }

  Graph& graph_;
  const ShapeWalk shapes_;
};

}  // namespace

PassOutcome restate_flat_forms(Graph& graph) {
  PassOutcome outcome;
  Restating restating(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (restating.restate(id)) ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
