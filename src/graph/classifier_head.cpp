#include "graph/classifier_head.h"

#include <algorithm>
#include <vector>

#include "graph/shapes.h"

namespace hasten::graph {
namespace {

bool is_row(const Value& value) {
  return (!value.dtype || is_floating(*value.dtype)) && (!value.shape || value.shape->size() <= 2);
}

// Whether a node works on the last axis of rows [batch, classes].
bool is_over_classes(const Graph& graph, const Node& node) {
  const auto opset = graph.opsets.find(std::string(k_onnx_domain));
  const std::int64_t usual = opset != graph.opsets.end() && opset->second < 13 ? 1 : -1;
  const std::int64_t axis = node.integer("axis", usual);
  return axis == -1 || axis == 1;
}

std::optional<Function> function_of(const Graph& graph, const Node& node) {
  if (node.is("Sigmoid")) return Function::k_sigmoid;
  const bool is_softmax =
      node.is("Softmax") || node.is("LogSoftmax");  // of which softmax is the same
  return is_softmax && is_over_classes(graph, node) ? std::optional(Function::k_softmax)
                                                    : std::nullopt;
}

bool drops_the_only_class(const Graph& graph, const Node& node) {
  if (!node.is("Squeeze")) return false;
  const auto& shape = graph.value(node.inputs[0]).shape;
  return shape && shape->size() == 2 && (*shape)[1].size == 1 && (*shape)[0].size != 1;
}

bool changes_no_value(const Graph& graph, const Node& node) {
  if (node.is("Identity")) return true;
  const auto& dtype = graph.value(node.inputs[0]).dtype;
  return node.is("Cast") && dtype && is_floating(*dtype);
}

// What an output is made of, as far as the row of logits.
ClassifierHead unwrap(const Graph& graph, ValueId output) {
  ClassifierHead head{output, {}};
  ValueId value = output;
  for (NodeId id = graph.producer(value); id != k_no_node; id = graph.producer(value)) {
    const Node& node = graph.node(id);
    const auto function = head.function ? std::nullopt : function_of(graph, node);
    const bool unwraps = function || drops_the_only_class(graph, node);
    if (!unwraps && !changes_no_value(graph, node)) break;
    value = node.inputs[0];
    if (function) head.function = function;
    if (unwraps) head.logits = value;
  }
  return head;
}

bool is_wrapped(const Graph& graph) {
  if (graph.outputs().size() != 1) return true;
  const NodeId id = graph.producer(graph.outputs()[0]);
  if (id == k_no_node) return false;
  const Node& node = graph.node(id);
  return function_of(graph, node) || node.is("Squeeze") || node.is("Identity") || node.is("Cast");
}

bool is_named_logits(const Graph& graph, ValueId output) {
  std::string name = graph.value(output).name;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return name.find("logit") != std::string::npos;
}

}  // namespace

ClassifierHead find_classifier_head(const Graph& graph) {
  if (graph.outputs().empty()) return {};
  if (!is_wrapped(graph)) return {graph.outputs()[0], {}};
  Graph inferred = graph;
  infer_shapes(inferred);
  std::vector<ValueId> rows = graph.outputs();
  std::erase_if(rows, [&](ValueId output) { return !is_row(inferred.value(output)); });
  if (rows.empty()) return {graph.outputs()[0], {}};
  const auto heads = [&] {
    std::vector<ClassifierHead> found;
    found.reserve(rows.size());
    for (const ValueId output : rows) found.push_back(unwrap(inferred, output));
    return found;
  }();
  const auto named = std::find_if(rows.begin(), rows.end(),
                                  [&](ValueId output) { return is_named_logits(graph, output); });
  const auto applied = std::find_if(heads.begin(), heads.end(),
                                    [](const auto& head) { return head.function.has_value(); });
  if (named == rows.end()) return applied == heads.end() ? heads.front() : *applied;
  const ClassifierHead& chosen = heads[static_cast<std::size_t>(named - rows.begin())];
  const bool is_same = applied != heads.end() && applied->logits == chosen.logits;
  return is_same ? *applied : chosen;
}

std::optional<Function> keep_logits(Graph& graph) {
  const ClassifierHead head = find_classifier_head(graph);
  if (head.logits != k_no_value) graph.keep_output(head.logits);
  return head.function;
}

}  // namespace hasten::graph
