//   q = Reshape(q4, [batch * heads, length, size])
//   k = Reshape(k4, [batch * heads, length, size])
//   t = Transpose(k) {perm=[0, 2, 1]}
//   s = MatMul(q, t)
//   y = Reshape(s, [batch, heads, length, length])
//     ==>   y = MatMul(q4, Transpose(k4) {perm=[0, 1, 3, 2]})
//
// So do scaling, sums, softmax and lookups (GatherElements) between the Reshapes, and what is the same for all
// texts, repeated for each with Tile, is left as it is, [heads, rows, size], for products to broadcast. Only
// what comes back to four axes is rewritten.
#include <algorithm>
#include <array>
#include <map>

#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/operator_builder.h"
#include "graph/passes/passes.h"
#include "graph/passes/probe_shapes.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

using Permutation = std::vector<std::int64_t>;

// A value of [batch * heads, x, y], with batch and heads apart.
struct Apart {
  ValueId value = k_no_value;  // [batch, heads, x, y]
  bool shared = false;         // or [heads, x, y], the same for all texts
};

class Unflattening {
 public:
  explicit Unflattening(Graph& graph) : graph_(graph), shapes_(graph) {}

  // Whether the node's result was replaced by what it is with four axes.
  bool visit(NodeId id) {
    const Node node = graph_.node(id);
    if (node.domain != k_onnx_domain || node.inputs.empty() || node.outputs.size() != 1)
      return false;
    if (node.is("Reshape")) return visit_reshape(node);
    if (node.is("Tile")) {
      visit_tile(node);
    } else if (const auto apart = rewritten(node)) {
      apart_[node.outputs[0]] = *apart;
    }
    return false;
  }

 private:
  const Apart* find(ValueId value) const {
    const auto found = apart_.find(value);
    return found == apart_.end() ? nullptr : &found->second;
  }

  // Whether `flat` is `split` with its first two axes, the first of them the batch, in one.
  bool joins_heads(ValueId split, ValueId flat) const {
    const auto old = restored_.find(split);
    if (old != restored_.end()) split = old->second;
    const auto fits = [&](const ShapeWalk& walk, std::int64_t batch) {
      const auto& from = walk.dims(split);
      const auto& to = walk.dims(flat);
      return from && to && from->size() == 4 && (*from)[0] == batch &&
             *to == Dims{batch * (*from)[1], (*from)[2], (*from)[3]};
    };
    return fits(shapes_.walk(), shapes_.walk().size().batch) &&
           fits(shapes_.other_walk(), shapes_.other_walk().size().batch) &&
           (*shapes_.walk().dims(split))[1] == (*shapes_.other_walk().dims(split))[1];
  }

  bool visit_reshape(const Node& node) {
    const ValueId input = node.inputs[0];
    const ValueId output = node.outputs[0];
    const Apart* apart = find(input);
    if (apart == nullptr) {
      if (joins_heads(input, output)) apart_[output] = {input, false};
      return false;
    }
    if (apart->shared || !joins_heads(output, input) || graph_.is_output(output)) return false;
    graph_.replace_uses(output, apart->value);
    restored_[apart->value] = output;
    return true;
  }

  // What only repeats a value as often as it is there.
  ValueId before_expansions(ValueId value) const {
    const Node* node = find_producer(graph_, value);
    while (node != nullptr && node->is("Expand") && shapes_.same_dims(node->inputs[0], value)) {
      value = node->inputs[0];
      node = find_producer(graph_, value);
    }
    return value;
  }

  // Tile(x [heads, rows, size], [batch, 1, 1])
  void visit_tile(const Node& node) {
    const auto repeats = [&](const ShapeWalk& walk, std::int64_t batch) {
      const auto& from = walk.dims(node.inputs[0]);
      return from && from->size() == 3 &&
             walk.dims(node.outputs[0]) == Dims{batch * (*from)[0], (*from)[1], (*from)[2]};
    };
    if (!repeats(shapes_.walk(), shapes_.walk().size().batch) ||
        !repeats(shapes_.other_walk(), shapes_.other_walk().size().batch))
      return;
    apart_[node.outputs[0]] = {before_expansions(node.inputs[0]), true};
  }

  std::optional<Apart> rewritten(const Node& node) {
    if (node.is("Transpose")) return rewritten_transpose(node);
    if (node.is("GatherElements")) return rewritten_lookup(node);
    if (node.is("Expand")) {
      const Apart* apart = find(node.inputs[0]);
      return apart != nullptr && shapes_.same_dims(node.inputs[0], node.outputs[0])
                 ? std::optional(*apart)
                 : std::nullopt;
    }
    const bool keeps_axes = node.is("Add") || node.is("Sub") || node.is("Mul") || node.is("Div") ||
                            node.is("Cast") || node.is("Identity") || node.is("MatMul") ||
                            (node.is("Softmax") && is_over_last(node));
    return keeps_axes ? rewritten_inputs(node) : std::nullopt;
  }

  static bool is_over_last(const Node& node) {
    const std::int64_t axis = node.integer("axis", 1);
    return axis == -1 || axis == 2;
  }

  // The same operator on what its inputs are with four axes, and on single numbers.
  std::optional<Apart> rewritten_inputs(Node node) {
    bool any = false;
    bool shared = true;
    for (ValueId& input : node.inputs) {
      if (const Apart* apart = find(input)) {
        any = true;
        shared = shared && apart->shared;
        input = apart->value;
      } else if (node.is("MatMul") || !is_number(input)) {
        return std::nullopt;
      } else {
        input = as_constant(input);
      }
    }
    if (!any) return std::nullopt;
    if (node.is("Softmax")) node.attributes["axis"] = std::int64_t{-1};
    return Apart{add(node, node.inputs), shared};
  }

  // A number that is computed from sizes, such as a root of the head size, without what would keep the joined
  // heads alive.
  ValueId as_constant(ValueId value) {
    const auto number = graph_.is_constant(value) ? std::nullopt : shapes_.number(value);
    const auto dtype = number ? find_type(graph_, value) : std::nullopt;
    if (!dtype) return value;
    const auto [entry, added] = numbers_.try_emplace({*number, *dtype});
    if (added)
      entry->second = graph_.add_constant("", make_floating(*dtype, {}, std::array{*number}));
    return entry->second;
  }

  bool is_number(ValueId value) const {
    return shapes_.walk().dims(value) && element_count(*shapes_.walk().dims(value)) == 1;
  }

  std::optional<Apart> rewritten_transpose(Node node) {
    const Apart* apart = find(node.inputs[0]);
    if (apart == nullptr || node.integers("perm", {}) != Permutation{0, 2, 1}) return std::nullopt;
    if (!apart->shared) node.attributes["perm"] = Permutation{0, 1, 3, 2};
    return Apart{add(node, {apart->value}), apart->shared};
  }

  // GatherElements(products, Expand(entries [1, x, y])) along the last axis.
  std::optional<Apart> rewritten_lookup(Node node) {
    const Apart* apart = find(node.inputs[0]);
    const std::int64_t axis = node.integer("axis", 0);
    const Node* spread = find_producer(graph_, node.inputs[1]);
    if (apart == nullptr || apart->shared || (axis != -1 && axis != 2) || spread == nullptr ||
        !spread->is("Expand")) {
      return std::nullopt;
    }
    const ValueId entries = spread->inputs[0];
    const auto& dims = shapes_.walk().dims(entries);
    if (!dims || dims->size() > 3 || dims->size() < 2 || (dims->size() == 3 && (*dims)[0] != 1))
      return std::nullopt;
    node.attributes["axis"] = std::int64_t{-1};
    return Apart{add(node, {apart->value, expand_like(entries, apart->value, node.name)}), false};
  }

  // The entries for each text and head: as many rows as the products have.
  ValueId expand_like(ValueId entries, ValueId products, const std::string& name) {
    constexpr std::int64_t k_end = 1 << 30;
    OperatorBuilder sizes(graph_, name, DType::k_int64);
    const ValueId front = sizes.slice(sizes.op("Shape", {products}), 0, 0, 3);
    const ValueId last = sizes.slice(sizes.op("Shape", {entries}), 0, -1, k_end);
    const ValueId target = sizes.op("Concat", {front, last}, {{"axis", std::int64_t{0}}});
    return sizes.as(find_type(graph_, entries)).op("Expand", {entries, target});
  }

  ValueId add(const Node& node, std::vector<ValueId> inputs) {
    const Value& old = graph_.value(node.outputs[0]);
    const ValueId output = graph_.add_value(old.name + ".by_head", old.dtype);
    graph_.add_node({node.name, node.op_type, {}, std::move(inputs), {output}, node.attributes});
    return output;
  }

  Graph& graph_;
  const ProbeShapes shapes_;
  std::map<ValueId, Apart> apart_;
  std::map<ValueId, ValueId> restored_;  // from what is read now to what was, whose shape is known
  std::map<std::pair<double, DType>, ValueId> numbers_;
};

// A graph without such Reshapes is not worth the look at its shapes.
bool has_lone_axes(const Graph& graph) {
  return std::any_of(graph.order().begin(), graph.order().end(), [&](NodeId id) {
    const Node& node = graph.node(id);
    return node.is("Transpose") && node.integers("perm", {}) == Permutation{0, 2, 1};
  });
}

}  // namespace

PassOutcome unflatten_heads(Graph& graph) {
  PassOutcome outcome;
  if (!has_lone_axes(graph)) return outcome;
  Unflattening unflattening(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) outcome.rewrites += unflattening.visit(id) ? 1 : 0;
  graph.sort();
  graph.remove_dead();                              // what never came back to four axes
  if (outcome.rewrites > 0) fold_constants(graph);  // tables of distances that were turned
  return outcome;
}

}  // namespace hasten::graph
