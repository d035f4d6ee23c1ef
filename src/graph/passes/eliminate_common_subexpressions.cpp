//   a = Unsqueeze(x, axes)                   ==>   a = Unsqueeze(x, axes)
//   b = Unsqueeze(x, axes)                         readers of b read a
//
// Small constants of equal type, shape and value count as one.
#include <cstring>
#include <map>
#include <string>
#include <tuple>

#include "graph/passes/match.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_bytes = 64;  // of constants that are compared

// Appends a value so that different values make different keys.
struct AppendToKey {
  std::string& key;

  bool bytes(const void* data, std::size_t size) const {
    key += std::to_string(size) + ':';
    key.append(static_cast<const char*>(data), size);
    return true;
  }
  bool operator()(std::int64_t value) const { return bytes(&value, sizeof(value)); }
  bool operator()(float value) const { return bytes(&value, sizeof(value)); }
  bool operator()(const std::string& value) const { return bytes(value.data(), value.size()); }
  bool operator()(const std::vector<std::int64_t>& values) const {
    return bytes(values.data(), values.size() * sizeof(std::int64_t));
  }
  bool operator()(const std::vector<float>& values) const {
    return bytes(values.data(), values.size() * sizeof(float));
  }
  bool operator()(const Tensor& tensor) const {
    if (tensor.bytes.size() > k_most_bytes) return false;
    key += std::to_string(static_cast<int>(tensor.dtype));
    return (*this)(tensor.dims) && bytes(tensor.bytes.data(), tensor.bytes.size());
  }
  bool operator()(const std::vector<std::string>&) const { return false; }
  bool operator()(const std::shared_ptr<const Graph>&) const { return false; }
};

constexpr std::string_view k_random[] = {"RandomNormal",      "RandomUniform", "RandomNormalLike",
                                         "RandomUniformLike", "Multinomial",   "Bernoulli"};

// Equal keys mean equal results; empty for nodes that are left alone.
std::string key_of(const Node& node) {
  if (node.outputs.size() != 1) return {};
  for (const std::string_view type : k_random) {
    if (node.op_type == type) return {};
  }
  std::string key = node.domain + '.' + node.op_type;
  const AppendToKey append{key};
  append.bytes(node.inputs.data(), node.inputs.size() * sizeof(ValueId));
  for (const auto& [name, attribute] : node.attributes) {
    append(name);
    key += std::to_string(attribute.index());
    if (!std::visit(append, attribute)) return {};
  }
  return key;
}

std::size_t merge_constants(Graph& graph) {
  std::map<std::string, ValueId> first;
  std::size_t merged = 0;
  for (std::size_t index = 0; index < graph.value_count(); ++index) {
    const auto id = static_cast<ValueId>(index);
    if (!graph.is_constant(id) || graph.consumers(id).empty() || graph.is_output(id)) continue;
    std::string key;
    if (!AppendToKey{key}(*graph.value(id).constant)) continue;
    const auto [entry, added] = first.try_emplace(std::move(key), id);
    if (added) continue;
    graph.replace_uses(id, entry->second);
    ++merged;
  }
  return merged;
}

}  // namespace

PassOutcome eliminate_common_subexpressions(Graph& graph) {
  PassOutcome outcome;
  outcome.rewrites = merge_constants(graph);
  std::map<std::string, ValueId> first;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    std::string key = key_of(node);
    if (key.empty()) continue;
    const ValueId output = node.outputs[0];
    const auto [entry, added] = first.try_emplace(std::move(key), output);
    if (added || graph.is_output(output)) continue;
    graph.remove_node(id);
    graph.replace_uses(output, entry->second);
    ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
