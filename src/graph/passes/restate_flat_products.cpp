//   f = Reshape(x, [-1, K])
//   p = Gemm(f, const w [K, N], b)           (or MatMul(f, w))
//   e = Relu(p)
//   y = Reshape(e, [batch, sequence, N])     ==>   y = Relu(Add(MatMul(x, w), b))
//
// As tf2onnx writes tensordot, and as optimisers write a product with its bias, with what is computed element
// by element between two such products. x may have its heads apart still: [batch, sequence, heads, size], and so
// may y, whose Reshape then stays.
#include <algorithm>
#include <array>
#include <map>

#include "graph/evaluate.h"
#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {
namespace {

// Operators that give each element what it is without regard to axes, or the last axis alone.
constexpr std::string_view k_elementwise[] = {
    "Abs",  "Add",      "Cast", "Clip",      "Div", "Elu",       "Erf",
    "Exp",  "FastGelu", "Gelu", "HardSwish", "Log", "LeakyRelu", "Max",
    "Min",  "Mish",     "Mul",  "Neg",       "Pow", "QuickGelu", "Reciprocal",
    "Relu", "Sigmoid",  "Sqrt", "Softplus",  "Sub", "Tanh",      "BiasGelu",
};

class FlatProducts {
 public:
  explicit FlatProducts(Graph& graph) : graph_(graph), shapes_(graph) {}

  bool restate(NodeId id) {
    const Node node = graph_.node(id);
    if (node.inputs.empty() || node.outputs.size() != 1) return false;
    if (node.is("MatMul") || is_plain_gemm(node)) return restate_product(id, node);
    return is_elementwise(node) && restate_elementwise(id, node);
  }

 private:
  bool restate_product(NodeId id, const Node& node) {
    const auto weight = weight_dims(node.inputs[1]);
    const bool turned = node.integer("transB", 0) != 0;
    if (!weight || weight->size() != 2) return false;
    if (turned && !graph_.is_constant(node.inputs[1])) return false;
    const auto rows = rows_of(node.inputs[0], (*weight)[turned ? 1 : 0], name_of(node));
    if (!rows) return false;
    replace(id, multiply(node, *rows, turned), (*weight)[turned ? 0 : 1]);
    return true;
  }

  // The same operator over three axes, where all that it reads is flat or the same for every token.
  bool restate_elementwise(NodeId id, Node node) {
    const auto& dims = shapes_.dims(node.outputs[0]);
    if (!dims || dims->size() != 2) return false;
    const std::int64_t width = dims->back();
    bool any = false;
    for (ValueId& input : node.inputs) {
      if (input == k_no_value || is_same_for_tokens(input, width)) continue;
      const auto held = rows_.find(input);
      if (held == rows_.end() || !shapes_.dims(input) || shapes_.dims(input)->back() != width)
        return false;
      input = held->second;
      any = true;
    }
    if (!any) return false;
    const Value& old = graph_.value(node.outputs[0]);
    const ValueId result = graph_.add_value(old.name + ".rows", old.dtype);
    graph_.add_node({node.name, node.op_type, node.domain, node.inputs, {result}, node.attributes});
    replace(id, result, width);
    return true;
  }

  static bool is_elementwise(const Node& node) {
    if (node.domain != k_onnx_domain && node.domain != k_microsoft_domain) return false;
    return std::find(std::begin(k_elementwise), std::end(k_elementwise), node.op_type) !=
           std::end(k_elementwise);
  }

  // A constant number, or a vector along the last axis.
  bool is_same_for_tokens(ValueId value, std::int64_t width) const {
    if (!graph_.is_constant(value)) return false;
    const Tensor& constant = *graph_.value(value).constant;
    return constant.dims.size() <= 2 &&
           (constant.size() == 1 || (constant.size() == width && constant.dims.back() == width));
  }

  // Of a constant, or of one that is stored as integers.
  std::optional<Dims> weight_dims(ValueId weight) const {
    if (graph_.is_constant(weight)) return graph_.value(weight).constant->dims;
    const Node* stored = find_producer(graph_, weight);
    const bool is_stored = stored != nullptr && stored->is("DequantizeLinear") &&
                           graph_.is_constant(stored->inputs[0]);
    return is_stored ? std::optional(graph_.value(stored->inputs[0]).constant->dims) : std::nullopt;
  }

  // What a flat value is with three axes, [batch, sequence, depth].
  std::optional<ValueId> rows_of(ValueId flat, std::int64_t depth, const std::string& name) {
    if (const auto held = rows_.find(flat); held != rows_.end()) {
      const bool fits = shapes_.dims(flat) && shapes_.dims(flat)->back() == depth;
      return fits ? std::optional(held->second) : std::nullopt;
    }
    const Node* join = find_producer(graph_, flat);
    if (join == nullptr || !join->is("Reshape") || !joins_tokens(join->inputs[0], flat, depth))
      return std::nullopt;
    return with_three_axes(join->inputs[0], depth, name);
  }

  // Puts what is computed over three axes in the place of a node with a flat result.
  void replace(NodeId id, ValueId result, std::int64_t width) {
    const Node node = graph_.node(id);
    read_instead(node.outputs[0], result, width);
    const ValueId shape =
        graph_.add_constant(name_of(node) + ".flat", make_tensor<std::int64_t>({2}, {-1, width}));
    replace_node(graph_, id, {node.name, "Reshape", {}, {result, shape}, {}, {}});
    rows_[node.outputs[0]] = result;
  }

  bool is_plain_gemm(const Node& node) const {
    return node.is("Gemm") && node.integer("transA", 0) == 0 && node.number("alpha", 1) == 1 &&
           node.number("beta", 1) == 1 &&
           (!has_input(node, 2) || constant_vector(graph_, node.inputs[2]) != nullptr);
  }

  std::string name_of(const Node& node) const { return graph_.value(node.outputs[0]).name; }

  // Whether `flat` is [batch * sequence, depth], and `source` the same with batch and sequence apart.
  bool joins_tokens(ValueId source, ValueId flat, std::int64_t depth) const {
    source = shaped(source);
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
    if (shapes_.dims(shaped(source))->size() == 3) return source;
    for (const NodeId id : graph_.consumers(source)) {
      const Node& reader = graph_.node(id);
      if (reader.is("Reshape") && has_three_axes(reader.outputs[0], depth))
        return reader.outputs[0];
    }
    return OperatorBuilder(graph_, name, dtype_of(source)).reshape(source, {0, 0, depth});
  }

  // The value whose shape is known that a result stands for, or the value itself.
  ValueId shaped(ValueId value) const {
    const auto held = restored_.find(value);
    return held == restored_.end() ? value : held->second;
  }

  // Whether a value is [batch, sequence, width].
  bool has_three_axes(ValueId value, std::int64_t width) const {
    const auto fits = [&](const ShapeWalk& walk) {
      return walk.dims(value) == Dims{walk.size().batch, walk.size().length, width};
    };
    return fits(shapes_.walk()) && fits(shapes_.other_walk());
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
  // that they keep; those that ask for its own axes are left out.
  void read_instead(ValueId flat, ValueId result, std::int64_t width) {
    for (const NodeId id : std::vector<NodeId>(graph_.consumers(flat))) {
      if (!graph_.node(id).is("Reshape")) continue;
      const ValueId reshaped = graph_.node(id).outputs[0];
      if (has_three_axes(reshaped, width) && !graph_.is_output(reshaped)) {
        graph_.replace_uses(reshaped, result);
        restored_[result] = reshaped;
      } else if (names_all_axes(graph_.node(id).inputs[1])) {
        graph_.node(id).inputs[0] = result;
      }
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
  std::map<ValueId, ValueId> rows_;      // from flat results to the same with three axes
  std::map<ValueId, ValueId> restored_;  // from what is read now to what was, whose shape is known
};

bool has_flat_products(const Graph& graph) {
  return std::any_of(graph.order().begin(), graph.order().end(), [&](NodeId id) {
    const Node& node = graph.node(id);
    if (!node.is("MatMul") && !node.is("Gemm")) return false;
    const Node* source = find_producer(graph, node.inputs[0]);
    return source != nullptr && source->is("Reshape");
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
