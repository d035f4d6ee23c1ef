#include "graph/passes/match.h"

#include <fmt/format.h>

namespace hasten::graph {

std::string describe(const Graph& graph, const Mismatch& mismatch) {
  const Node& node = graph.node(mismatch.node);
  std::string name = node.name;
  if (name.empty() && !node.outputs.empty() && node.outputs[0] != k_no_value) {
    name = graph.value(node.outputs[0]).name;
  }
  return fmt::format("node {} ({}{}{}): expected {}", name, node.domain,
                     node.domain.empty() ? "" : ".", node.op_type, mismatch.expected);
}

const Node* find_producer(const Graph& graph, ValueId value) {
  const NodeId id = graph.producer(value);
  return id == k_no_node ? nullptr : &graph.node(id);
}

NodeId only_consumer(const Graph& graph, ValueId value) {
  const std::vector<NodeId>& consumers = graph.consumers(value);
  return consumers.size() == 1 && !graph.is_output(value) ? consumers[0] : k_no_node;
}

bool has_input(const Node& node, std::size_t index) {
  return index < node.inputs.size() && node.inputs[index] != k_no_value;
}

ValueId other_input(const Node& node, ValueId value) {
  return node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
}

std::optional<double> constant_number(const Graph& graph, ValueId value) {
  if (!graph.is_constant(value)) return std::nullopt;
  const Tensor& tensor = *graph.value(value).constant;
  if (!is_floating(tensor.dtype) || tensor.size() != 1) return std::nullopt;
  return to_float64(tensor)[0];
}

std::optional<std::vector<std::int64_t>> constant_integers(const Graph& graph, ValueId value) {
  if (!graph.is_constant(value)) return std::nullopt;
  const Tensor& tensor = *graph.value(value).constant;
  if (is_floating(tensor.dtype)) return std::nullopt;
  return to_int64(tensor);
}

const Tensor* constant_vector(const Graph& graph, ValueId value, std::int64_t size) {
  if (!graph.is_constant(value)) return nullptr;
  const Tensor& tensor = *graph.value(value).constant;
  if (!is_floating(tensor.dtype) || tensor.dims.empty() || tensor.dims.back() != tensor.size()) {
    return nullptr;
  }
  return size == 0 || tensor.size() == size ? &tensor : nullptr;
}

std::optional<std::vector<std::int64_t>> integers_of(const Graph& graph, const Node& node,
                                                     std::string_view attribute,
                                                     std::size_t index) {
  if (node.attributes.contains(std::string(attribute))) return node.integers(attribute, {});
  if (!has_input(node, index)) return std::nullopt;
  return constant_integers(graph, node.inputs[index]);
}

ValueId as_vector(Graph& graph, ValueId constant) {
  const Value& value = graph.value(constant);
  if (value.constant->dims.size() == 1) return constant;
  Tensor vector = *value.constant;
  vector.dims = {vector.size()};
  return graph.add_constant(value.name + ".vector", std::move(vector));
}

ValueId part_of_vector(Graph& graph, ValueId vector, std::int64_t begin, std::int64_t size) {
  const Value& whole = graph.value(vector);
  const std::size_t element = size_of(whole.constant->dtype);
  Tensor part = *whole.constant;
  part.dims = {size};
  part.bytes = part.bytes.subspan(static_cast<std::size_t>(begin) * element,
                                  static_cast<std::size_t>(size) * element);
  return graph.add_constant(whole.name + ".part", std::move(part));
}

void replace_node(Graph& graph, NodeId old, Node replacement) {
  replacement.outputs = graph.node(old).outputs;
  graph.remove_node(old);
  graph.add_node(std::move(replacement));
}

}  // namespace hasten::graph
