//   y = com.microsoft.Attention(x, w, b, mask)
//     ==>   q = MatMul(x, w[:, 0:H])
//           k = MatMul(x, w[:, H:2H])
//           v = MatMul(x, w[:, 2H:3H])
//           y = com.microsoft.MultiHeadAttention(q, k, v, b, mask)
#include "graph/forms/attention_forms.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "graph/passes/empty_rows.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

bool is_attention(const Node& node) {
  return node.is("Attention", k_microsoft_domain);
}

// One third of a matrix's columns.
Tensor third_of(const Tensor& packed, std::size_t part) {
  const std::size_t row = packed.bytes.size() / static_cast<std::size_t>(packed.dims[0]);
  const std::size_t width = row / 3;
  auto bytes = std::make_shared<std::vector<std::byte>>(packed.bytes.size() / 3);
  for (std::size_t k = 0; k < bytes->size() / width; ++k) {
    std::memcpy(bytes->data() + k * width, packed.bytes.data() + k * row + part * width, width);
  }
  return make_view("weights", packed.dtype, {packed.dims[0], packed.dims[1] / 3}, *bytes, bytes);
}

bool can_be_split(const Graph& graph, const Node& node) {
  if (!is_attention(node) || !graph.is_constant(node.inputs[1]) || node.outputs.size() > 1)
    return false;
  for (const std::size_t extra : {std::size_t{4}, std::size_t{5}, std::size_t{6}}) {
    if (has_input(node, extra)) return false;
  }
  const Dims& dims = graph.value(node.inputs[1]).constant->dims;
  return dims.size() == 2 && dims[1] % 3 == 0 && !node.attributes.contains("qkv_hidden_sizes") &&
         node.integer("unidirectional", 0) == 0 && node.integer("do_rotary", 0) == 0;
}

void split(Graph& graph, NodeId id) {
  const Node attention = graph.node(id);
  const std::string name = graph.value(attention.outputs[0]).name;
  const Tensor packed = *graph.value(attention.inputs[1]).constant;
  std::vector<ValueId> inputs;
  constexpr std::array k_parts = {"query", "key", "value"};
  for (std::size_t part = 0; part < k_parts.size(); ++part) {
    const std::string part_name = name + "." + k_parts[part];
    const ValueId weight = graph.add_constant(part_name + ".weight", third_of(packed, part));
    inputs.push_back(graph.add_op("MatMul", {attention.inputs[0], weight}, {}, part_name));
    graph.value(inputs.back()).dtype = graph.value(attention.inputs[0]).dtype;
  }
  inputs.push_back(has_input(attention, 2) ? attention.inputs[2] : k_no_value);
  if (has_input(attention, 3)) inputs.push_back(attention.inputs[3]);
  Node replacement{attention.name,
                   "MultiHeadAttention",
                   std::string(k_microsoft_domain),
                   std::move(inputs),
                   {},
                   {}};
  for (const char* kept : {"num_heads", "scale", "mask_filter_value"}) {
    const auto found = attention.attributes.find(kept);
    if (found != attention.attributes.end()) replacement.attributes.insert(*found);
  }
  replace_node(graph, id, std::move(replacement));
}

}  // namespace

std::size_t drop_attention_masks(Graph& graph) {
  drop_zeroing_of_empty_rows(graph);
  std::size_t count = 0;
  for (const NodeId id : graph.order()) {
    Node& node = graph.node(id);
    if (!is_attention(node) || !has_input(node, 3)) continue;
    node.inputs[3] = k_no_value;
    while (node.inputs.back() == k_no_value) node.inputs.pop_back();
    ++count;
  }
  graph.reindex();
  graph.remove_dead();
  return count;
}

std::size_t use_multi_head_attention(Graph& graph) {
  std::size_t count = 0;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (!can_be_split(graph, graph.node(id))) continue;
    split(graph, id);
    ++count;
  }
  graph.sort();
  graph.remove_dead();
  return count;
}

}  // namespace hasten::graph
