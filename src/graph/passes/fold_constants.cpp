//   y = Concat(constant, constant)           ==>   const y
//
// Large results are left to run time, except that weights are turned round here (Transpose);
// quantised and half-precision weights stay as they are stored, behind DequantizeLinear and Cast.
#include <algorithm>

#include "base/onnx_dtype.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_most_elements = 1 << 16;

// A matrix that is stored in half precision and widened where it is used.
bool is_stored_half(const Graph& graph, const Node& node) {
  if (!node.is("Cast") || !graph.is_constant(node.inputs[0])) return false;
  const Tensor& tensor = *graph.value(node.inputs[0]).constant;
  return tensor.dims.size() > 1 && is_floating(tensor.dtype) && size_of(tensor.dtype) == 2;
}

bool is_foldable(const Graph& graph, const Node& node) {
  if (node.domain != k_onnx_domain || node.outputs.size() != 1 || node.inputs.empty()) return false;
  if (node.op_type == "DequantizeLinear" || node.op_type.starts_with("Random")) return false;
  if (is_stored_half(graph, node)) return false;
  for (const auto& [name, attribute] : node.attributes) {
    if (std::holds_alternative<std::shared_ptr<const Graph>>(attribute)) return false;
  }
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) {
    if (input == k_no_value) return true;
    return graph.is_constant(input) && graph.value(input).constant->size() <= k_most_elements;
  });
}

// The interpreter computes in double; a runtime would hold the result in the declared type.
std::optional<Tensor> narrow(const Tensor& result, DType dtype) {
  if (result.dtype == dtype) return result;
  if (result.dtype != DType::k_float64 || !is_floating(dtype)) return std::nullopt;
  return make_floating(dtype, result.dims, to_float64(result));
}

// The type of the result of operators that keep their first input's.
std::optional<DType> result_type(const Graph& graph, const Node& node) {
  if (graph.value(node.outputs[0]).dtype) return graph.value(node.outputs[0]).dtype;
  if (node.op_type == "Cast") return dtype_of_onnx(node.integer("to", 0));
  return graph.value(node.inputs[0]).dtype;
}

std::optional<Tensor> fold(const Graph& graph, const Node& node) {
  const auto region = cut_out(graph, {}, node.outputs[0], 1);
  if (!region) return std::nullopt;
  auto result = try_out(*region, {});
  if (!result || result->size() > k_most_elements) return std::nullopt;
  if (!is_floating(result->dtype)) return result;
  const auto dtype = result_type(graph, node);
  return dtype ? narrow(*result, *dtype) : std::nullopt;
}

}  // namespace

PassOutcome fold_constants(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (!is_foldable(graph, node) || graph.is_output(node.outputs[0])) continue;
    auto folded = fold(graph, node);
    if (!folded) continue;
    const ValueId output = node.outputs[0];
    const ValueId constant = graph.add_constant(graph.value(output).name, std::move(*folded));
    graph.remove_node(id);
    graph.replace_uses(output, constant);
    ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
