//   y = Identity(x)                          ==>   readers of y read x
//   y = Dropout(x), unless it is training
//   y = Cast(x), x being of that type already
//   y = Transpose(x) {perm=[0, 1, 2, ...]}
//   y = Concat(x)
//   y = Slice(x, ...), of all that there is
//
//   y = Add(x, Expand(z, shape of x))        ==>   y = Add(x, z)
#include "graph/passes/passes.h"

#include <algorithm>

#include "base/error.h"
#include "base/onnx_dtype.h"
#include "graph/fixed_sizes.h"
#include "graph/passes/match.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/telling_lengths.h"
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

// Shapes, worked out where they are asked for; of values that are there from the start.
class Shapes {
 public:
  explicit Shapes(const Graph& graph) : graph_(graph) {}

  const ProbeShapes& get() {
    if (!shapes_) shapes_.emplace(graph_);
    return *shapes_;
  }

 private:
  const Graph& graph_;
  std::optional<ProbeShapes> shapes_;
};

// Whether a Slice that takes everything of short texts does so of those that its numbers tell of.
bool is_so_for_longer_texts(const Graph& graph, const Node& node, std::int64_t tried) {
  for (const std::size_t bound : {std::size_t{1}, std::size_t{2}}) {
    for (const std::int64_t length : telling_lengths(graph, node.inputs[bound], tried)) {
      const ShapeWalk walk(graph, probe_size_of(graph, {1, length}));
      const auto& dims = walk.dims(node.inputs[0]);
      if (!dims || dims != walk.dims(node.outputs[0])) return false;
    }
  }
  return true;
}

// A Slice of tokens, or of what has a place for each, that ends where they end. Only those whose first or last
// place is counted from a length are worth the look.
bool takes_everything(const Graph& graph, const Node& node, Shapes& shapes) {
  if (graph.is_constant(node.inputs[0]) || !has_input(node, 3)) return false;
  const bool is_counted = fixed_sizes(graph).length > 0 || !graph.is_constant(node.inputs[1]) ||
                          !graph.is_constant(node.inputs[2]);
  if (!is_counted) return false;
  if (has_input(node, 4)) {
    const auto steps = constant_integers(graph, node.inputs[4]);
    if (!steps || std::any_of(steps->begin(), steps->end(), [](auto step) { return step != 1; }))
      return false;
  }
  return shapes.get().same_dims(node.inputs[0], node.outputs[0]) &&
         is_so_for_longer_texts(graph, node, shapes.get().size().length);
}

bool changes_nothing(const Graph& graph, const Node& node, Types& types, Shapes& shapes) {
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
  if (node.op_type == "Slice") return takes_everything(graph, node, shapes);
  return node.op_type == "Transpose" && keeps_order(node);
}

// Lets a sum read what an Expand repeats, where the other operand has the sum's shape: it repeats it itself.
bool reads_unexpanded(Graph& graph, NodeId id, Shapes& shapes) {
  const Node& sum = graph.node(id);
  if (!sum.is("Add") && !sum.is("Mul") && !sum.is("Sub") && !sum.is("Div")) return false;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const Node* expand = find_producer(graph, sum.inputs[side]);
    if (expand == nullptr || !expand->is("Expand") || sum.inputs[0] == sum.inputs[1] ||
        !shapes.get().same_dims(sum.inputs[1 - side], sum.outputs[0]) ||
        !shapes.get().dims(expand->inputs[0])) {
      continue;
    }
    const ValueId source = expand->inputs[0];
    graph.node(id).inputs[side] = source;
    return true;
  }
  return false;
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
  Shapes shapes(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (reads_unexpanded(graph, id, shapes)) {
      ++outcome.rewrites;
      continue;
    }
    if (!changes_nothing(graph, node, types, shapes) || is_needed_copy(graph, node)) continue;
    const ValueId input = node.inputs[0];
    const ValueId output = node.outputs[0];
    graph.remove_node(id);
    graph.replace_uses(output, input);
    ++outcome.rewrites;
  }
  graph.reindex();
  return outcome;
}

}  // namespace hasten::graph
