//   t = DequantizeLinear(const integers, scale, zero_point)      ==>   const t
//   r = DequantizeLinear(Gather(const integers, ids), scale, zero_point)
//                                                                ==>   r = Gather(const t, ids)
#include "graph/passes/fold_dequantized.h"

#include <algorithm>
#include <map>

#include "graph/passes/match.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

bool is_dequantizing(const Node& node) {
  return node.op_type == "DequantizeLinear";
}

bool is_constant_input(const Graph& graph, const Node& node, std::size_t index) {
  return !has_input(node, index) || graph.is_constant(node.inputs[index]);
}

// All inputs but the integers. A file may give a node more than its operator has.
bool has_constant_scales(const Graph& graph, const Node& node) {
  for (std::size_t index = 1; index < node.inputs.size(); ++index) {
    if (!is_constant_input(graph, node, index)) return false;
  }
  return true;
}

// An int8 matrix that the engine multiplies with as it is.
bool is_stored_matrix(const Graph& graph, const Node& node) {
  const Tensor& values = *graph.value(node.inputs[0]).constant;
  const Tensor& scales = *graph.value(node.inputs[1]).constant;
  if (node.domain != k_onnx_domain || values.dtype != DType::k_int8 || values.dims.size() != 2)
    return false;
  const std::int64_t axis = node.integer("axis", 1);
  const bool by_column =
      scales.size() == 1 || ((axis == 1 || axis == -1) && scales.size() == values.dims[1]);
  if (!by_column) return false;
  if (!has_input(node, 2)) return true;
  const auto zeros = to_int64(*graph.value(node.inputs[2]).constant);
  return std::all_of(zeros.begin(), zeros.end(), [](std::int64_t zero) { return zero == 0; });
}

// Whether rows are looked up in a matrix, or it is multiplied turned: the engine does neither with integers.
bool needs_floats(const Graph& graph, ValueId matrix) {
  const auto& readers = graph.consumers(matrix);
  return std::any_of(readers.begin(), readers.end(), [&](NodeId id) {
    const Node& reader = graph.node(id);
    if (reader.is("Gather")) return reader.inputs[0] == matrix;
    return reader.is("Gemm") && reader.inputs[1] == matrix && reader.integer("transB", 0) != 0;
  });
}

// The node with `values` in the place of its input, computed.
std::optional<Tensor> dequantize(const Graph& graph, const Node& node, ValueId values) {
  Graph alone;
  alone.opsets = graph.opsets;
  Node copy = node;
  copy.inputs.clear();
  for (std::size_t index = 0; index < node.inputs.size(); ++index) {
    const ValueId input = index == 0 ? values : node.inputs[index];
    copy.inputs.push_back(
        input == k_no_value ? input : alone.add_constant("", *graph.value(input).constant));
  }
  copy.outputs = {alone.add_value("result")};
  alone.add_node(copy);
  alone.add_output(copy.outputs[0]);
  const auto result = try_out(alone, {});
  if (!result) return std::nullopt;
  return make_tensor<float>(result->dims, to_float32(*result));
}

bool fold_constant(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!is_constant_input(graph, node, 0)) return false;
  if (is_stored_matrix(graph, node) && !needs_floats(graph, node.outputs[0])) return false;
  auto folded = dequantize(graph, node, node.inputs[0]);
  const ValueId old = node.outputs[0];
  if (!folded || graph.is_output(old)) return false;
  const ValueId constant = graph.add_constant(graph.value(old).name, std::move(*folded));
  graph.remove_node(id);
  graph.replace_uses(old, constant);
  return true;
}

// Tables that are dequantised already, by the integers, the scale and the zero point.
using Tables = std::map<std::vector<ValueId>, ValueId>;

bool fold_lookup(Graph& graph, NodeId id, Tables& tables) {
  const Node& node = graph.node(id);
  const Node* lookup = find_producer(graph, node.inputs[0]);
  if (lookup == nullptr || !lookup->is("Gather") || !graph.is_constant(lookup->inputs[0]))
    return false;
  if (graph.value(node.inputs[1]).constant->size() != 1) return false;
  std::vector<ValueId> key = node.inputs;
  key[0] = lookup->inputs[0];
  const auto [held, added] = tables.try_emplace(key, k_no_value);
  if (added) {
    auto table = dequantize(graph, node, lookup->inputs[0]);
    if (table)
      held->second =
          graph.add_constant(graph.value(key[0]).name + ".dequantized", std::move(*table));
  }
  if (held->second == k_no_value) return false;
  Node replacement = *lookup;
  replacement.inputs[0] = held->second;
  replace_node(graph, id, std::move(replacement));
  return true;
}

}  // namespace

std::size_t fold_dequantized(Graph& graph) {
  std::size_t folded = 0;
  Tables tables;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (!is_dequantizing(node) || !has_constant_scales(graph, node)) continue;
    folded += fold_constant(graph, id) || fold_lookup(graph, id, tables) ? 1 : 0;
  }
  return folded;
}

}  // namespace hasten::graph
