//   y = LayerNormalization(x, gamma, beta)   ==>   d = Sub(x, ReduceMean(x) {axes=[-1]})
//                                                  v = ReduceMean(Mul(d, d)) {axes=[-1]}
//                                                  y = Div(d, Sqrt(v + epsilon)) * gamma + beta  (17)
//   y = Squeeze(x, const [1])                ==>   y = Squeeze(x) {axes=[1]}        (13; also
//                                                  Unsqueeze, ReduceSum, and Split's sizes)
//   y = LessOrEqual(a, b)                    ==>   y = Not(Greater(a, b))           (12)
#include "graph/forms/lower_opset.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_newest = 17;

// The opset from which an operator is there, of those that came after 11 and are not rewritten here.
const std::map<std::string_view, std::int64_t> k_first = {
    {"BatchNormalization", 15}, {"Bernoulli", 15},     {"BlackmanWindow", 17},
    {"CastLike", 15},           {"Celu", 12},          {"Einsum", 12},
    {"GridSample", 16},         {"HammingWindow", 17}, {"HannWindow", 17},
    {"HardSwish", 14},          {"PRelu", 16},         {"Trilu", 14}};

struct MovedInput {
  std::string_view op_type;
  const char* attribute;
};
constexpr MovedInput k_moved[] = {
    {"Squeeze", "axes"}, {"Unsqueeze", "axes"}, {"ReduceSum", "axes"}, {"Split", "split"}};

const char* moved_attribute(const Node& node) {
  for (const MovedInput& moved : k_moved) {
    if (node.op_type == moved.op_type) return moved.attribute;
  }
  return nullptr;
}

class Lowering {
 public:
  Lowering(Graph& graph, std::int64_t from, std::int64_t to)
      : graph_(graph), from_(from), to_(to) {}

  // Throws for a node that has no older form.
  void check(const Node& node) const {
    if (node.domain != k_onnx_domain) return;
    for (const auto& [name, attribute] : node.attributes) {
      if (std::holds_alternative<std::shared_ptr<const Graph>>(attribute))
        refuse(node, "bodies are not rewritten");
    }
    const auto first = k_first.find(node.op_type);
    if (first != k_first.end() && first->second > to_) {
      refuse(node, fmt::format("the operator came with opset {}", first->second));
    }
    if (to_ < 13 && moved_attribute(node) != nullptr && has_input(node, 1) &&
        !constant_integers(graph_, node.inputs[1])) {
      refuse(node, "its axes are computed");
    }
    if (to_ < 13 && node.op_type == "DequantizeLinear" && graph_.value(node.inputs[1]).constant &&
        graph_.value(node.inputs[1]).constant->size() > 1) {
      refuse(node, "scales per column came with opset 13");
    }
    if (node.op_type == "LayerNormalization" && node.outputs.size() > 1)
      refuse(node, "its mean is read");
  }

  void lower(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.domain != k_onnx_domain) return;
    if (to_ < 17 && node.op_type == "LayerNormalization") return split_normalization(id);
    if (to_ < 13 && moved_attribute(node) != nullptr)
      return move_integers(id, moved_attribute(node));
    if (to_ < 12 && (node.op_type == "LessOrEqual" || node.op_type == "GreaterOrEqual"))
      return negate(id);
    if (to_ < 12 && node.op_type == "Dropout") graph_.node(id).inputs.resize(1);
  }

 private:
  ValueId add(const char* op_type, std::vector<ValueId> inputs, const std::string& name,
              std::map<std::string, Attribute> attributes = {}) {
    const ValueId like = inputs[0];
    const ValueId result = graph_.add_op(op_type, std::move(inputs), std::move(attributes), name);
    graph_.node(graph_.producer(result)).name = graph_.value(result).name;
    graph_.value(result).dtype = graph_.value(like).dtype;
    return result;
  }

  void split_normalization(NodeId id) {
    const Node node = graph_.node(id);
    const std::string name = graph_.value(node.outputs[0]).name;
    const std::map<std::string, Attribute> last = {{"axes", std::vector<std::int64_t>{-1}},
                                                   {"keepdims", std::int64_t{1}}};
    const ValueId epsilon = graph_.add_constant(
        name + ".epsilon", make_tensor<float>({}, {node.number("epsilon", 1e-5F)}));
    const ValueId mean = add("ReduceMean", {node.inputs[0]}, name + ".mean", last);
    const ValueId centred = add("Sub", {node.inputs[0], mean}, name + ".centred");
    const ValueId square = add("Mul", {centred, centred}, name + ".square");
    const ValueId variance = add("ReduceMean", {square}, name + ".variance", last);
    const ValueId shifted = add("Add", {variance, epsilon}, name + ".shifted");
    const ValueId deviation = add("Sqrt", {shifted}, name + ".deviation");
    const ValueId normal = add("Div", {centred, deviation}, name + ".normal");
    const bool has_beta = has_input(node, 2);
    const ValueId scaled =
        has_beta ? add("Mul", {normal, node.inputs[1]}, name + ".scaled") : normal;
    const ValueId other = node.inputs[has_beta ? 2 : 1];
    replace_node(graph_, id, {node.name, has_beta ? "Add" : "Mul", {}, {scaled, other}, {}, {}});
  }

  void move_integers(NodeId id, const char* attribute) {
    Node& node = graph_.node(id);
    if (!has_input(node, 1)) return;
    node.attributes[attribute] = *constant_integers(graph_, node.inputs[1]);
    node.inputs.resize(1);
  }

  void negate(NodeId id) {
    const Node node = graph_.node(id);
    const char* opposite = node.op_type == "LessOrEqual" ? "Greater" : "Less";
    const ValueId other =
        add(opposite, node.inputs, graph_.value(node.outputs[0]).name + ".opposite");
    graph_.value(other).dtype = DType::k_bool;
    replace_node(graph_, id, {node.name, "Not", {}, {other}, {}, {}});
  }

  [[noreturn]] void refuse(const Node& node, const std::string& reason) const {
    fail(ErrorCode::k_unsupported,
         fmt::format("opset {} cannot be lowered to {}: {}", from_, to_, reason),
         fmt::format("node {} ({})", node.name, node.op_type), {}, "Ask for a newer opset.");
  }

  Graph& graph_;
  std::int64_t from_, to_;
};

}  // namespace

void lower_opset(Graph& graph, std::int64_t target) {
  const auto held = graph.opsets.find(std::string(k_onnx_domain));
  const std::int64_t from = held == graph.opsets.end() ? target : held->second;
  if (from <= target) return;
  if (target < k_oldest_lowered_opset || from > k_newest) {
    fail(ErrorCode::k_unsupported, fmt::format("opset {} cannot be lowered to {}", from, target),
         {}, {}, "Ask for an opset from 11 to 17.");
  }
  Lowering lowering(graph, from, target);
  for (const NodeId id : graph.order()) lowering.check(graph.node(id));
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) lowering.lower(id);
  graph.opsets[std::string(k_onnx_domain)] = target;
  graph.reindex();
  graph.sort();
  graph.remove_dead();
}

}  // namespace hasten::graph
