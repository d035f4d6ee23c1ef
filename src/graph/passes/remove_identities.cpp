//   y = Identity(x)                          ==>   readers of y read x
//   y = Dropout(x), unless it is training
//   y = Cast(x), x being of that type already
//   y = Transpose(x) {perm=[0, 1, 2, ...]}
//   y = Concat(x)
#include "graph/passes/passes.h"

#include <algorithm>

#include "base/error.h"
#include "base/onnx_dtype.h"
#include "graph/passes/match.h"
#include "graph/shapes.h"

namespace hasten::graph {
namespace {

bool is_training(const Graph& graph, const Node& node) {
  if (!has_input(node, 2)) return false;
  const auto mode = constant_integers(graph, node.inputs[2]);
  return !mode || mode->empty() || mode->front() != 0;
}

bool keeps_order(const Node& node) {
  const std::vector<std::int64_t> permutation = node.integers("perm", {});
  return !permutation.empty() && std::is_sorted(permutation.begin(), permutation.end());
}

// Types of values, worked out where a file does not declare that of what a Cast reads.
class Types {
 public:
  explicit Types(const Graph& graph) : graph_(graph) {}

  std::optional<DType> of(ValueId value) {
    if (const auto declared = graph_.value(value).dtype) return declared;
    if (!inferred_) infer();
    return static_cast<std::size_t>(value) < inferred_->value_count()
               ? inferred_->value(value).dtype
               : std::nullopt;
  }

 private:
  void infer() {
    inferred_ = graph_;
    try {
      infer_shapes(*inferred_);
    } catch (const Error&) {
      inferred_ = Graph();  // whoever runs the graph says what is wrong with it
    }
  }

  const Graph& graph_;
  std::optional<Graph> inferred_;
};

bool changes_nothing(const Graph& graph, const Node& node, Types& types) {
  if (node.domain != k_onnx_domain || node.inputs.empty()) return false;
  if (node.op_type == "Identity") return true;
  if (node.op_type == "Dropout") {
    const bool mask_read = node.outputs.size() > 1 && node.outputs[1] != k_no_value &&
                           !graph.consumers(node.outputs[1]).empty();
    return !mask_read && !is_training(graph, node);
  }
  if (node.op_type == "Cast") {
    const auto target = dtype_of_onnx(node.integer("to", 0));
    return target && types.of(node.inputs[0]) == target;
  }
  if (node.op_type == "Concat") return node.inputs.size() == 1;
  return node.op_type == "Transpose" && keeps_order(node);
}

// An output that is an input or a constant has to stay a copy.
bool is_needed_copy(const Graph& graph, const Node& node) {
  return graph.is_output(node.outputs[0]) &&
         (graph.producer(node.inputs[0]) == k_no_node || graph.is_output(node.inputs[0]));
}

}  // namespace

PassOutcome remove_identities(Graph& graph) {
  PassOutcome outcome;
  Types types(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (!changes_nothing(graph, node, types) || is_needed_copy(graph, node)) continue;
    const ValueId input = node.inputs[0];
    const ValueId output = node.outputs[0];
    graph.remove_node(id);
    graph.replace_uses(output, input);
    ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
