//   f = Reshape(x, [-1, K])
//   p = Gemm(f, const w [K, N], b)           (or MatMul(f, w))
//   y = Reshape(p, [batch, sequence, ...])   ==>   m = Add(MatMul(x, w), b)
//                                                  y = Reshape(m, [batch, sequence, ...])
//
// As tf2onnx writes tensordot, and as optimisers write a product with its bias. x may have its heads apart
// still: [batch, sequence, heads, size].
#include <algorithm>
#include <map>

#include "graph/evaluate.h"
#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {
namespace {

class FlatProducts {
 public:
  explicit FlatProducts(Graph& graph) : graph_(graph), shapes_(graph) {}

  bool restate(NodeId id) {
    const Node node = graph_.node(id);
    if (!node.is("MatMul") && !is_plain_gemm(node)) return false;
    const Node* flat = find_producer(graph_, node.inputs[0]);
    if (flat == nullptr || !flat->is("Reshape") || !graph_.is_constant(node.inputs[1]))
      return false;
    const Dims& weight = graph_.value(node.inputs[1]).constant->dims;
    const bool turned = node.integer("transB", 0) != 0;
    if (weight.size() != 2) return false;
    const std::int64_t depth = weight[turned ? 1 : 0];
    if (!joins_tokens(flat->inputs[0], node.inputs[0], depth)) return false;
    const ValueId rows = with_three_axes(flat->inputs[0], depth, name_of(node));
    const ValueId result = multiply(node, rows, turned);
    read_instead(node.outputs[0], result);
    const ValueId shape = graph_.add_constant(
        name_of(node) + ".flat", make_tensor<std::int64_t>({2}, {-1, weight[turned ? 0 : 1]}));
    replace_node(graph_, id, {node.name, "Reshape", {}, {result, shape}, {}, {}});
    return true;
  }

 private:
  bool is_plain_gemm(const Node& node) const {
    return node.is("Gemm") && node.integer("transA", 0) == 0 && node.number("alpha", 1) == 1 &&
           node.number("beta", 1) == 1 &&
           (!has_input(node, 2) || constant_vector(graph_, node.inputs[2]) != nullptr);
  }

  std::string name_of(const Node& node) const { return graph_.value(node.outputs[0]).name; }

  // Whether `flat` is [batch * sequence, depth], and `source` the same with batch and sequence apart.
  bool joins_tokens(ValueId source, ValueId flat, std::int64_t depth) const {
    const auto fits = [&](const ShapeWalk& walk) {
      const ProbeSize probe = walk.size();
      const auto& dims = walk.dims(source);
      return dims && dims->size() >= 3 && (*dims)[0] == probe.batch && (*dims)[1] == probe.length &&
             walk.dims(flat) == Dims{probe.batch * probe.length, depth};
    };
    return fits(shapes_.walk()) && fits(shapes_.other_walk());
  }

  // [batch, sequence, depth]
  ValueId with_three_axes(ValueId source, std::int64_t depth, const std::string& name) {
    if (shapes_.dims(source)->size() == 3) return source;
    const auto is_joined = [&](const ShapeWalk& walk, ValueId value) {
      return walk.dims(value) == Dims{walk.size().batch, walk.size().length, depth};
    };
    for (const NodeId id : graph_.consumers(source)) {
      const Node& reader = graph_.node(id);
      if (reader.is("Reshape") && is_joined(shapes_.walk(), reader.outputs[0]) &&
          is_joined(shapes_.other_walk(), reader.outputs[0])) {
        return reader.outputs[0];
      }
    }
    return OperatorBuilder(graph_, name, dtype_of(source)).reshape(source, {0, 0, depth});
  }

  ValueId multiply(const Node& node, ValueId rows, bool turned) {
    const ValueId weight = turned ? turned_weight(node.inputs[1]) : node.inputs[1];
    OperatorBuilder builder(graph_, name_of(node), dtype_of(weight));
    const ValueId product = builder.op("MatMul", {rows, weight});
    return has_input(node, 2) ? builder.op("Add", {product, node.inputs[2]}) : product;
  }

  std::optional<DType> dtype_of(ValueId value) const {
    const Value& known = graph_.value(value);
    return known.constant ? known.constant->dtype : known.dtype;
  }

  ValueId turned_weight(ValueId weight) {
    const auto [entry, added] = turned_.try_emplace(weight, weight);
    if (!added) return entry->second;
    const std::string& name = graph_.value(weight).name;
    const ValueId turned = graph_.add_op(
        "Transpose", {weight}, {{"perm", std::vector<std::int64_t>{1, 0}}}, name + ".transposed");
    const NodeId node = graph_.producer(turned);
    const auto results = evaluate(graph_, node);
    entry->second = turned;
    if (!results) return turned;
    graph_.remove_node(node);
    return entry->second = graph_.add_constant(name + ".turned", (*results)[0]);
  }

  // Reshapes of the flat result read the other instead, when what they ask for says nothing about axes
  // that they keep.
  void read_instead(ValueId flat, ValueId result) {
    for (const NodeId id : std::vector<NodeId>(graph_.consumers(flat))) {
      if (graph_.node(id).is("Reshape") && names_all_axes(graph_.node(id).inputs[1]))
        graph_.node(id).inputs[0] = result;
    }
    graph_.reindex();
  }

  bool names_all_axes(ValueId target) const {
    const Tensor* dims = shapes_.walk().value(target);
    if (dims == nullptr || is_floating(dims->dtype)) return false;
    const std::vector<std::int64_t> numbers = to_int64(*dims);
    return std::find(numbers.begin(), numbers.end(), 0) == numbers.end();
  }

  Graph& graph_;
  const ProbeShapes shapes_;
  std::map<ValueId, ValueId> turned_;
};

bool has_flat_products(const Graph& graph) {
  return std::any_of(graph.order().begin(), graph.order().end(), [&](NodeId id) {
    const Node& node = graph.node(id);
    if (!node.is("MatMul") && !node.is("Gemm")) return false;
    const Node* source = find_producer(graph, node.inputs[0]);
    return source != nullptr && source->is("Reshape") && graph.is_constant(node.inputs[1]);
  });
}

}  // namespace

PassOutcome restate_flat_products(Graph& graph) {
  PassOutcome outcome;
  if (!has_flat_products(graph)) return outcome;
  FlatProducts products(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) outcome.rewrites += products.restate(id) ? 1 : 0;
  graph.sort();
  graph.remove_dead();
  return outcome;
}

}  // namespace hasten::graph
