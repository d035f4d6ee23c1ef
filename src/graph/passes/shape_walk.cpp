#include "graph/passes/shape_walk.h"

#include <algorithm>

#include "graph/passes/bounds_past_probe.h"
#include "graph/passes/node_dims.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_most_elements = 64;

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
    if (auto inferred = infer_dims(graph_, node, *this)) set(node.outputs[0], std::move(*inferred));
  }
  for (std::size_t index = 1; index < node.outputs.size(); ++index) {
    if (node.outputs[index] == k_no_value) continue;
    if (auto inferred = infer_dims_by_rule(graph_, node, node.outputs[index], *this))
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

}  // namespace hasten::graph
