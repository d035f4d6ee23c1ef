#include "graph/passes/node_dims.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/passes/attention_layout.h"
#include "graph/passes/region.h"
#include "graph/shapes.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_most_tried = 1 << 14;

constexpr std::string_view k_broadcasting[] = {"Add",  "And", "Div",  "Equal", "Greater",
                                               "Less", "Max", "Min",  "Mul",   "Or",
                                               "Pow",  "Sub", "Where"};

// Operators whose result has the shape of their first input.
constexpr std::string_view k_shape_keeping[] = {"Cast",      "Clip",
                                                "CumSum",    "Dropout",
                                                "Erf",       "Exp",
                                                "FastGelu",  "BiasGelu",
                                                "Gelu",      "IsNaN",
                                                "Neg",       "Not",
                                                "Identity",  "LayerNormalization",
                                                "LeakyRelu", "Relu",
                                                "Sigmoid",   "SkipLayerNormalization",
                                                "Softmax",   "Sqrt",
                                                "Tanh"};

template <std::size_t count>
bool is_one_of(const std::string_view (&names)[count], std::string_view op_type) {
  return std::find(std::begin(names), std::end(names), op_type) != std::end(names);
}

// The inferred shape of a graph's only output, when all of it is known.
std::optional<Dims> dims_of_result(Graph& graph) {
  try {
    infer_shapes(graph);
  } catch (const Error&) {
    return std::nullopt;
  }
  const auto& shape = graph.value(graph.outputs()[0]).shape;
  if (!shape) return std::nullopt;
  Dims dims;
  for (const Dim& dim : *shape) {
    if (!dim.known()) return std::nullopt;
    dims.push_back(dim.size);
  }
  return dims;
}

std::optional<Dims> infer_product(const Node& node, const ShapeWalk& known) {
  const auto& left = known.dims(node.inputs[0]);
  const auto& right = known.dims(node.inputs[1]);
  if (!left || !right || left->size() < 2 || right->size() < 2) return std::nullopt;
  auto out = broadcast_dims({left->begin(), left->end() - 2}, {right->begin(), right->end() - 2});
  if (!out) return std::nullopt;
  out->push_back(*(left->end() - 2));
  out->push_back(right->back());
  return out;
}

std::optional<Dims> infer_broadcast(const Node& node, const ShapeWalk& known) {
  Dims out;
  for (const ValueId input : node.inputs) {
    if (input == k_no_value || !known.dims(input)) return std::nullopt;
    const auto wider = broadcast_dims(out, *known.dims(input));
    if (!wider) return std::nullopt;
    out = *wider;
  }
  return out;
}

std::optional<Dims> infer_reshape(const Node& node, const ShapeWalk& known) {
  const auto& from = known.dims(node.inputs[0]);
  const Tensor* target = known.value(node.inputs[1]);
  if (!from || target == nullptr || is_floating(target->dtype)) return std::nullopt;
  return reshaped_dims(to_int64(*target), *from);
}

// The shape of what the node makes of ones, where these are few.
std::optional<Dims> infer_by_trial(const Graph& graph, const Node& node, DType dtype,
                                   const ShapeWalk& known) {
  std::vector<ValueId> unknown;
  std::vector<Tensor> ones;
  for (const ValueId input : node.inputs) {
    if (input == k_no_value || graph.is_constant(input)) continue;
    const Tensor* value = known.value(input);
    const auto count = known.dims(input) ? element_count(*known.dims(input)) : std::nullopt;
    if (!count || *count > k_most_tried) return std::nullopt;
    unknown.push_back(input);
    if (value != nullptr) {
      ones.push_back(*value);
    } else if (dtype == DType::k_int64) {
      ones.push_back(make_tensor<std::int64_t>(
          *known.dims(input), std::vector<std::int64_t>(static_cast<std::size_t>(*count), 1)));
    } else {
      ones.push_back(make_tensor<double>(*known.dims(input),
                                         std::vector<double>(static_cast<std::size_t>(*count), 1)));
    }
  }
  const auto region = cut_out(graph, unknown, node.outputs[0], 1);
  if (!region) return std::nullopt;
  const auto result = try_out(*region, ones);
  return result ? std::optional(result->dims) : std::nullopt;
}

}  // namespace

std::optional<Dims> infer_dims_by_rule(const Graph& graph, const Node& node, ValueId output,
                                       const ShapeWalk& known) {
  if (!has_shape_rule(node.op_type, node.domain)) return std::nullopt;
  std::vector<ValueId> computed;
  for (const ValueId input : node.inputs) {
    if (input == k_no_value || known.value(input) != nullptr || graph.is_constant(input)) continue;
    if (!known.dims(input)) return std::nullopt;
    computed.push_back(input);
  }
  auto region = cut_out(graph, computed, output, 1, &known);
  if (!region) return std::nullopt;
  for (std::size_t index = 0; index < computed.size(); ++index) {
    Value& input = region->value(region->inputs()[index]);
    if (!input.dtype) input.dtype = DType::k_float32;
    input.shape = Shape();
    for (const std::int64_t size : *known.dims(computed[index])) input.shape->push_back({size, {}});
  }
  return dims_of_result(*region);
}

std::optional<Dims> infer_dims(const Graph& graph, const Node& node, const ShapeWalk& known) {
  if (node.inputs.empty() || node.inputs[0] == k_no_value) return std::nullopt;
  const auto& first = known.dims(node.inputs[0]);
  if (is_one_of(k_shape_keeping, node.op_type)) return first;
  if (node.op_type == "EmbedLayerNormalization" && first && known.dims(node.inputs[2])) {
    Dims out = *first;
    out.push_back(known.dims(node.inputs[2])->back());
    return out;
  }
  if (node.domain != k_onnx_domain) return infer_dims_by_rule(graph, node, node.outputs[0], known);
  if (is_one_of(k_broadcasting, node.op_type)) return infer_broadcast(node, known);
  if (node.op_type == "MatMul") return infer_product(node, known);
  if (node.op_type == "Reshape") return infer_reshape(node, known);
  if (node.op_type == "Gather" && first && known.dims(node.inputs[1]) &&
      node.integer("axis", 0) == 0) {
    Dims out = *known.dims(node.inputs[1]);
    out.insert(out.end(), first->begin() + (first->empty() ? 0 : 1), first->end());
    return out;
  }
  if (node.op_type == "Transpose" && first) {
    std::vector<std::int64_t> permutation(first->size());
    std::iota(permutation.rbegin(), permutation.rend(), std::int64_t{0});
    permutation = node.integers("perm", permutation);
    Dims out;
    for (const std::int64_t axis : permutation) {
      if (axis < 0 || axis >= static_cast<std::int64_t>(first->size())) return std::nullopt;
      out.push_back((*first)[static_cast<std::size_t>(axis)]);
    }
    return out;
  }
  if (auto ruled = infer_dims_by_rule(graph, node, node.outputs[0], known)) return ruled;
  auto tried = infer_by_trial(graph, node, DType::k_float32, known);
  return tried ? tried : infer_by_trial(graph, node, DType::k_int64, known);
}

}  // namespace hasten::graph
