#include "graph/passes/attention_match.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "graph/passes/attention_layout.h"
#include "graph/passes/cast_to_int32.h"
#include "graph/passes/empty_rows.h"

namespace hasten::graph {
namespace {

std::map<std::string, Attribute> attributes_of(const AttentionMatch& match) {
  std::map<std::string, Attribute> attributes = {{"num_heads", match.query.heads}};
  const double usual = 1 / std::sqrt(static_cast<double>(match.query.head_size));
  if (std::abs(match.scale - usual) > 1e-6 * usual) {
    attributes.emplace("scale", static_cast<float>(match.scale));
  }
  if (match.mask) {
    attributes.emplace("mask_filter_value", filter_attribute(match.mask->filter_value));
  }
  return attributes;
}

bool is_one_of(std::span<const std::string_view> names, const Node& node) {
  return std::find(names.begin(), names.end(), node.op_type) != names.end();
}

// Of whole numbers, too, as quantised files have them.
bool is_product(const Node& node) {
  constexpr std::string_view k_products[] = {
      "MatMul",          "Einsum",        "FusedMatMul",          "Gemm",
      "MatMulInteger",   "QLinearMatMul", "MatMulIntegerToFloat", "DynamicQuantizeMatMul",
      "MatMulInteger16", "QGemm"};
  return is_one_of(k_products, node);
}

// What an operator of these gives are shares of values no longer: sums, sizes, choices.
bool ends_weights(const Node& node) {
  constexpr std::string_view k_ends[] = {
      "Add",  "Sub", "ArgMax", "TopK",    "Shape",      "Size",           "Equal",  "Less",
      "Loop", "If",  "Scan",   "Softmax", "LogSoftmax", "QLinearSoftmax", "Greater"};
  return is_one_of(k_ends, node) || node.op_type.starts_with("Reduce") ||
         node.op_type.find("Normalization") != std::string::npos;
}

}  // namespace

NodeId expect_only_consumer(const Graph& graph, NodeId id) {
  const ValueId result = graph.node(id).outputs[0];
  NodeId found = k_no_node;
  std::size_t readers = graph.is_output(result) ? 1 : 0;
  for (const NodeId consumer : graph.consumers(result)) {
    if (graph.node(consumer).is("Shape")) continue;
    found = consumer;
    ++readers;
  }
  if (readers != 1 || found == k_no_node) throw Mismatch{id, "its result to be used once"};
  return found;
}

NodeId find_merge(const Graph& graph, const ProbeShapes& shapes, NodeId context,
                  const Projection& value) {
  Places merged({shapes.size().batch, shapes.size().length, value.heads * value.head_size});
  Places places = merged;
  places.reshape(std::vector<std::int64_t>{0, 0, value.heads, value.head_size});
  places.transpose(std::vector<std::int64_t>{0, 2, 1, 3});
  NodeId id = context;
  constexpr int k_most_steps = 4;
  for (int step = 0; step < k_most_steps && !(places == merged); ++step) {
    id = expect_only_consumer(graph, id);
    if (!apply_layout(graph, shapes, graph.node(id), places)) break;
  }
  if (!(places == merged)) throw Mismatch{id, "heads merged to [batch, sequence, width]"};
  return id;
}

void expect_packable(const Graph& graph, const AttentionMatch& match, NodeId scores) {
  if (!can_be_packed(graph, match.query, match.key, match.value)) {
    throw Mismatch{scores, "query, key and value of one input, one width and one type"};
  }
}

void replace_by_attention(Graph& graph, const AttentionMatch& match, ProjectionPacker& packer) {
  const std::string name = graph.value(graph.node(match.last).outputs[0]).name;
  const PackedProjections packed = packer.pack(match.query, match.key, match.value, name);
  std::vector<ValueId> inputs = {match.query.input, packed.weight, packed.bias};
  if (match.mask) inputs.push_back(cast_to_int32(graph, match.mask->input));
  Node attention = {name, "Attention",         std::string(k_microsoft_domain), std::move(inputs),
                    {},   attributes_of(match)};
  if (match.zeroes_empty_rows) {
    attention = zeroed_unless(graph, texts_that_see(graph, match.mask->input), std::move(attention),
                              *match.zeroes_empty_rows);
  }
  replace_node(graph, match.last, std::move(attention));
  graph.sort();
  graph.remove_dead();  // the three matrices, before the next ones are packed
}

bool is_fused_product(const Node& node) {
  return node.is("FusedMatMul", k_microsoft_domain) && node.integer("transA", 0) == 0 &&
         node.integer("transBatchA", 0) == 0 && node.integer("transBatchB", 0) == 0;
}

bool is_fused_attention(const Node& node) {
  return node.domain == k_microsoft_domain &&
         (node.op_type == "Attention" || node.op_type == "QAttention" ||
          node.op_type == "MultiHeadAttention");
}

bool is_softmax(const Node& node) {
  return node.is("Softmax") || node.is("QLinearSoftmax", k_microsoft_domain);
}

bool weighs_values(const Graph& graph, NodeId softmax) {
  std::set<NodeId> seen = {softmax};
  std::vector<NodeId> reached = {softmax};
  while (!reached.empty()) {
    const NodeId id = reached.back();
    reached.pop_back();
    for (const ValueId output : graph.node(id).outputs) {
      if (output == k_no_value) continue;
      for (const NodeId reader : graph.consumers(output)) {
        if (is_product(graph.node(reader))) return true;
        if (!ends_weights(graph.node(reader)) && seen.insert(reader).second)
          reached.push_back(reader);
      }
    }
  }
  return false;
}

bool is_live(const Graph& graph, NodeId id) {
  return graph.producer(graph.node(id).outputs[0]) == id;
}

}  // namespace hasten::graph
