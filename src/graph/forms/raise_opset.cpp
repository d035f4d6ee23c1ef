//   y = Squeeze(x) {axes=[1]}                ==>   y = Squeeze(x, const [1])        (13; also
//                                                  Unsqueeze, ReduceSum, and Split's sizes)
//   y = Slice(x) {starts, ends, axes}        ==>   y = Slice(x, starts, ends, axes)  (10)
//   y = Clip(x) {min=0.0}                    ==>   y = Clip(x, const 0.0)            (11)
//   y = Dropout(x) {ratio=0.1}               ==>   y = Dropout(x, const 0.1)        (12)
//   y = Softmax(x) {axis=a}, x of rank r     ==>   y = Softmax(x) {axis=-1}, when a is r - 1
//                                                                                  (13)
#include "graph/forms/raise_opset.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "graph/passes/match.h"
#include "graph/shapes.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_oldest = 9;

// Operators whose form or meaning changed between opsets 9 and 17, and that are not rewritten here.
const std::set<std::string_view> k_refused = {
    "BatchNormalization", "If",   "Loop",    "MaxPool", "Pad",     "Resize",
    "RoiAlign",           "Scan", "Scatter", "TopK",    "Upsample"};
// Those of the above whose last change is older than opset 11.
constexpr std::int64_t k_settled = 11;

// The attribute of each operator that opset 13 made an input, at that place.
struct MovedAttribute {
  std::string_view op_type, attribute;
};
constexpr MovedAttribute k_moved[] = {
    {"Squeeze", "axes"}, {"Unsqueeze", "axes"}, {"ReduceSum", "axes"}, {"Split", "split"}};

class Raising {
 public:
  Raising(Graph& graph, std::int64_t from, std::int64_t to) : graph_(graph), from_(from), to_(to) {}

  void check(const Node& node) const {
    if (node.domain != k_onnx_domain) return;
    if (is_softmax(node) && from_ < 13 && to_ >= 13) return check_softmax(node);
    const bool is_old = from_ < k_settled || node.op_type == "If" || node.op_type == "Loop" ||
                        node.op_type == "Scan" || node.op_type == "BatchNormalization";
    if (k_refused.contains(node.op_type) && is_old) refuse(node, "its form has changed since");
  }

  void raise(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.domain != k_onnx_domain) return;
    if (from_ < 13 && to_ >= 13) {
      for (const MovedAttribute& moved : k_moved) {
        if (node.op_type == moved.op_type) return move_integers(id, moved.attribute);
      }
      if (is_softmax(node)) graph_.node(id).attributes["axis"] = std::int64_t{-1};
    }
    if (from_ < 12 && node.op_type == "Dropout") move_number(id, "ratio");
    if (from_ < 11 && node.op_type == "Clip") {
      move_number(id, "min");
      move_number(id, "max");
    }
    if (from_ < 10 && node.op_type == "Slice") {
      for (const std::string_view name : {"starts", "ends", "axes"}) move_integers(id, name);
    }
  }

 private:
  static bool is_softmax(const Node& node) {
    return node.op_type == "Softmax" || node.op_type == "LogSoftmax" || node.op_type == "Hardmax";
  }

  // Before opset 13 all axes from `axis` on were one: the same only for the last.
  void check_softmax(const Node& node) const {
    const std::int64_t axis = node.integer("axis", 1);
    if (axis == -1) return;
    const auto& shape = graph_.value(node.inputs[0]).shape;
    if (shape && axis == std::ssize(*shape) - 1) return;
    refuse(node, "it goes over several axes, or over an input of unknown rank");
  }

  void move_integers(NodeId id, std::string_view attribute) {
    Node& node = graph_.node(id);
    const auto held = node.attributes.find(std::string(attribute));
    if (held == node.attributes.end()) return;
    std::vector<std::int64_t> values = node.integers(attribute, {});
    node.attributes.erase(held);
    const std::string name = graph_.value(node.outputs[0]).name + "." + std::string(attribute);
    const auto count = std::ssize(values);
    graph_.node(id).inputs.push_back(
        graph_.add_constant(name, make_tensor<std::int64_t>({count}, std::move(values))));
  }

  void move_number(NodeId id, const std::string& attribute) {
    Node& node = graph_.node(id);
    if (!node.attributes.contains(attribute)) return node.inputs.push_back(k_no_value);
    const float number = node.number(attribute, 0);
    node.attributes.erase(attribute);
    const std::string name = graph_.value(node.outputs[0]).name + "." + attribute;
    graph_.node(id).inputs.push_back(graph_.add_constant(name, make_tensor<float>({}, {number})));
  }

  [[noreturn]] void refuse(const Node& node, const std::string& reason) const {
    fail(ErrorCode::k_unsupported,
         fmt::format("opset {} cannot be raised to {}: {} {}", from_, to_, node.op_type, reason),
         "node " + (node.name.empty() ? graph_.value(node.outputs[0]).name : node.name), {},
         "Export the model in a newer opset.");
  }

  Graph& graph_;
  std::int64_t from_, to_;
};

}  // namespace

void raise_opset(Graph& graph, std::int64_t target) {
  const auto held = graph.opsets.find(std::string(k_onnx_domain));
  const std::int64_t from = held == graph.opsets.end() ? target : held->second;
  if (from >= target) return;
  if (from < k_oldest || target > k_newest_raised_opset) {
    fail(ErrorCode::k_unsupported, fmt::format("opset {} cannot be raised to {}", from, target), {},
         {}, "Export the model in opset 9 or newer.");
  }
  infer_shapes(graph);
  Raising raising(graph, from, target);
  for (const NodeId id : graph.order()) raising.check(graph.node(id));
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) raising.raise(id);
  graph.opsets[std::string(k_onnx_domain)] = target;
  graph.reindex();
}

}  // namespace hasten::graph
