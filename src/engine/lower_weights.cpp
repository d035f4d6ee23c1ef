#include "engine/lower_weights.h"

#include <vector>

namespace hasten::engine {
namespace {

using graph::Graph;
using graph::Node;
using graph::ValueId;

const Node* producer_of(const Graph& graph, ValueId value) {
  if (value == graph::k_no_value) return nullptr;
  const graph::NodeId id = graph.producer(value);
  return id == graph::k_no_node ? nullptr : &graph.node(id);
}

// The constant behind any number of Casts between floating types.
const Tensor* find_floating(const Graph& graph, ValueId value) {
  while (const Node* node = producer_of(graph, value)) {
    if (!node->is("Cast")) return nullptr;
    value = node->inputs[0];
  }
  if (!graph.is_constant(value)) return nullptr;
  const Tensor& tensor = *graph.value(value).constant;
  return is_floating(tensor.dtype) ? &tensor : nullptr;
}

bool all_zero(const Tensor& tensor) {
  for (const std::byte byte : tensor.bytes) {
    if (byte != std::byte{0}) return false;
  }
  return true;
}

// DequantizeLinear(int8 [K, N], float [N], zeros, axis=1), or the per-tensor form.
std::optional<Weight> find_quantized(const Graph& graph, const Node& node) {
  if (!node.is("DequantizeLinear") || !graph.is_constant(node.inputs[0])) return std::nullopt;
  const Tensor& values = *graph.value(node.inputs[0]).constant;
  const auto scales = find_vector(graph, node.inputs[1]);
  if (values.dtype != DType::k_int8 || values.dims.size() != 2 || !scales) return std::nullopt;
  if (node.inputs.size() > 2 && node.inputs[2] != graph::k_no_value &&
      (!graph.is_constant(node.inputs[2]) || !all_zero(*graph.value(node.inputs[2]).constant))) {
    return std::nullopt;
  }
  const std::int64_t axis = node.integer("axis", 1);
  std::vector<float> per_column = to_float32(*scales);
  if (per_column.size() == 1) {
    per_column.assign(static_cast<std::size_t>(values.dims[1]), per_column[0]);
  } else if ((axis != 1 && axis != -1) ||
             static_cast<std::int64_t>(per_column.size()) != values.dims[1]) {
    return std::nullopt;
  }
  return Weight{values, false, make_tensor<float>({values.dims[1]}, std::move(per_column))};
}

}  // namespace

std::optional<Weight> find_weight(const Graph& graph, ValueId value) {
  if (const Node* node = producer_of(graph, value)) {
    if (node->is("Transpose")) {
      if (node->integers("perm", {1, 0}) != std::vector<std::int64_t>{1, 0}) return std::nullopt;
      auto inner = find_weight(graph, node->inputs[0]);
      if (!inner || inner->scales) return std::nullopt;
      inner->transposed = !inner->transposed;
      return inner;
    }
    if (auto quantized = find_quantized(graph, *node)) return quantized;
  }
  const Tensor* tensor = find_floating(graph, value);
  if (tensor == nullptr || tensor->dims.size() != 2) return std::nullopt;
  return Weight{*tensor, false, std::nullopt};
}

std::optional<Tensor> find_vector(const Graph& graph, ValueId value) {
  const Tensor* tensor = find_floating(graph, value);
  if (tensor == nullptr) return std::nullopt;
  return make_tensor<float>(tensor->dims, to_float32(*tensor));
}

std::optional<Tensor> find_table(const Graph& graph, ValueId value) {
  const Tensor* tensor = find_floating(graph, value);
  if (tensor == nullptr || tensor->dims.size() != 2) return std::nullopt;
  return *tensor;
}

std::optional<std::int64_t> find_integer(const Graph& graph, ValueId value) {
  if (!graph.is_constant(value)) return std::nullopt;
  const Tensor& tensor = *graph.value(value).constant;
  if (is_floating(tensor.dtype) || tensor.size() != 1) return std::nullopt;
  return to_int64(tensor)[0];
}

}  // namespace hasten::engine
