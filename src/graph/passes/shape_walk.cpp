#include "graph/passes/shape_walk.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/passes/attention_layout.h"
#include "graph/passes/bounds_past_probe.h"
#include "graph/passes/match.h"
#include "graph/passes/region.h"
#include "graph/shapes.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_most_elements = 64;
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

// The dimensions that a Shape node gives.
Dims shown_part(const Node& node, const Dims& dims) {
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto place = [&](std::string_view attribute, std::int64_t fallback) {
    const std::int64_t axis = node.integer(attribute, fallback);
    return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  const std::int64_t start = place("start", 0);
  const std::int64_t end = std::max(place("end", rank), start);
  return {dims.begin() + start, dims.begin() + end};
}

// Dimensions of an input of the graph: [batch, length], or with more or fewer axes as it is declared,
// the first of its open axes being the batch and the last one the length.
Dims probed_dims(const Value& input, ProbeSize size) {
  if (takes_tokens(input)) return {size.batch, size.length};
  constexpr std::int64_t k_between = 3;  // choices, say
  Dims dims;
  std::size_t last_open = 0;
  for (const Dim& dim : *input.shape) {
    if (!dim.known()) last_open = dims.size();
    dims.push_back(dim.known() ? dim.size : k_between);
  }
  if (!dims.empty() && !(*input.shape)[last_open].known()) dims[last_open] = size.length;
  if (!dims.empty()) dims[0] = size.batch;
  return dims;
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

}  // namespace

bool takes_tokens(const Value& input) {
  constexpr std::size_t k_token_axes = 2;
  return !input.shape || input.shape->size() == k_token_axes;
}

ShapeWalk::ShapeWalk(const Graph& graph, ProbeSize size)
    : graph_(graph), size_(size), dims_(graph.value_count()) {
  for (const ValueId input : graph.inputs()) set(input, probed_dims(graph.value(input), size));
  for (const NodeId id : graph.order()) walk(graph.node(id));
}

const std::optional<Dims>& ShapeWalk::dims(ValueId id) const {
  static const std::optional<Dims> nothing;
  const auto index = static_cast<std::size_t>(id);
  return id != k_no_value && index < dims_.size() ? dims_[index] : nothing;
}

const Tensor* ShapeWalk::value(ValueId id) const {
  if (id == k_no_value) return nullptr;
  if (graph_.is_constant(id)) {
    const Tensor& constant = *graph_.value(id).constant;
    return constant.size() <= k_most_elements ? &constant : nullptr;
  }
  const auto found = values_.find(id);
  return found == values_.end() ? nullptr : &found->second;
}

void ShapeWalk::set(ValueId id, Dims dims) {
  dims_[static_cast<std::size_t>(id)] = std::move(dims);
}

void ShapeWalk::walk(const Node& node) {
  for (const ValueId input : node.inputs) {
    if (input != k_no_value && graph_.is_constant(input)) {
      set(input, graph_.value(input).constant->dims);
    }
  }
  if (node.outputs.empty() || node.outputs[0] == k_no_value) return;
  if (has_bounds_past_probe(graph_, node, *this)) return;
  evaluate(node);
  if (!dims(node.outputs[0])) {
    if (auto inferred = infer(node)) set(node.outputs[0], std::move(*inferred));
  }
  for (std::size_t index = 1; index < node.outputs.size(); ++index) {
    if (node.outputs[index] == k_no_value) continue;
    if (auto inferred = infer_by_rule(node, node.outputs[index]))
      set(node.outputs[index], std::move(*inferred));
  }
}

// Computes the node when all that it reads is known.
void ShapeWalk::evaluate(const Node& node) {
  const ValueId output = node.outputs[0];
  if (node.is("Shape") && dims(node.inputs[0])) {
    const Dims shape = shown_part(node, *dims(node.inputs[0]));
    set(output, {static_cast<std::int64_t>(shape.size())});
    values_[output] = make_tensor<std::int64_t>(*dims(output), shape);
    return;
  }
  if (node.outputs.size() != 1 || node.domain != k_onnx_domain) return;
  std::vector<ValueId> computed;
  std::vector<Tensor> tensors;
  for (const ValueId input : node.inputs) {
    if (input == k_no_value || graph_.is_constant(input)) continue;
    const Tensor* tensor = value(input);
    if (tensor == nullptr) return;
    computed.push_back(input);
    tensors.push_back(*tensor);
  }
  const auto region = cut_out(graph_, computed, output, 1);
  if (!region) return;
  auto result = try_out(*region, tensors);
  if (!result || result->size() > k_most_elements) return;
  set(output, result->dims);
  values_[output] = std::move(*result);
}

std::optional<Dims> ShapeWalk::infer_product(const Node& node) const {
  const auto& left = dims(node.inputs[0]);
  const auto& right = dims(node.inputs[1]);
  if (!left || !right || left->size() < 2 || right->size() < 2) return std::nullopt;
  auto out = broadcast_dims({left->begin(), left->end() - 2}, {right->begin(), right->end() - 2});
  if (!out) return std::nullopt;
  out->push_back(*(left->end() - 2));
  out->push_back(right->back());
  return out;
}

std::optional<Dims> ShapeWalk::infer_broadcast(const Node& node) const {
  Dims out;
  for (const ValueId input : node.inputs) {
    if (input == k_no_value || !dims(input)) return std::nullopt;
    const auto wider = broadcast_dims(out, *dims(input));
    if (!wider) return std::nullopt;
    out = *wider;
  }
  return out;
}

std::optional<Dims> ShapeWalk::infer_reshape(const Node& node) const {
  const auto& from = dims(node.inputs[0]);
  const Tensor* target = value(node.inputs[1]);
  if (!from || target == nullptr || is_floating(target->dtype)) return std::nullopt;
  return reshaped_dims(to_int64(*target), *from);
}

std::optional<Dims> ShapeWalk::infer(const Node& node) const {
  if (node.inputs.empty() || node.inputs[0] == k_no_value) return std::nullopt;
  const auto& first = dims(node.inputs[0]);
  if (is_one_of(k_shape_keeping, node.op_type)) return first;
  if (node.op_type == "EmbedLayerNormalization" && first && dims(node.inputs[2])) {
    Dims out = *first;
    out.push_back(dims(node.inputs[2])->back());
    return out;
  }
  if (node.domain != k_onnx_domain) return infer_by_rule(node, node.outputs[0]);
  if (is_one_of(k_broadcasting, node.op_type)) return infer_broadcast(node);
  if (node.op_type == "MatMul") return infer_product(node);
  if (node.op_type == "Reshape") return infer_reshape(node);
  if (node.op_type == "Gather" && first && dims(node.inputs[1]) && node.integer("axis", 0) == 0) {
    Dims out = *dims(node.inputs[1]);
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
  if (auto ruled = infer_by_rule(node, node.outputs[0])) return ruled;
  auto tried = infer_by_trial(node, DType::k_float32);
  return tried ? tried : infer_by_trial(node, DType::k_int64);
}

// The shape of an output that the shapes of the inputs alone tell.
std::optional<Dims> ShapeWalk::infer_by_rule(const Node& node, ValueId output) const {
  if (!has_shape_rule(node.op_type, node.domain)) return std::nullopt;
  std::vector<ValueId> computed;
  for (const ValueId input : node.inputs) {
    if (input == k_no_value || value(input) != nullptr || graph_.is_constant(input)) continue;
    if (!dims(input)) return std::nullopt;
    computed.push_back(input);
  }
  auto region = cut_out(graph_, computed, output, 1, this);
  if (!region) return std::nullopt;
  for (std::size_t index = 0; index < computed.size(); ++index) {
    Value& input = region->value(region->inputs()[index]);
    if (!input.dtype) input.dtype = DType::k_float32;
    input.shape = Shape();
    for (const std::int64_t size : *dims(computed[index])) input.shape->push_back({size, {}});
  }
  return dims_of_result(*region);
}

// The shape of what the node makes of ones, where these are few.
std::optional<Dims> ShapeWalk::infer_by_trial(const Node& node, DType dtype) const {
  std::vector<ValueId> unknown;
  std::vector<Tensor> ones;
  for (const ValueId input : node.inputs) {
    if (input == k_no_value || graph_.is_constant(input)) continue;
    const Tensor* known = value(input);
    const auto count = dims(input) ? element_count(*dims(input)) : std::nullopt;
    if (!count || *count > k_most_tried) return std::nullopt;
    unknown.push_back(input);
    if (known != nullptr) {
      ones.push_back(*known);
    } else if (dtype == DType::k_int64) {
      ones.push_back(make_tensor<std::int64_t>(
          *dims(input), std::vector<std::int64_t>(static_cast<std::size_t>(*count), 1)));
    } else {
      ones.push_back(make_tensor<double>(*dims(input),
                                         std::vector<double>(static_cast<std::size_t>(*count), 1)));
    }
  }
  const auto region = cut_out(graph_, unknown, node.outputs[0], 1);
  if (!region) return std::nullopt;
  const auto result = try_out(*region, ones);
  return result ? std::optional(result->dims) : std::nullopt;
}

}  // namespace hasten::graph
