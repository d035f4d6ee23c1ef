//   y = MatMul(x, const w float32[K, N])
//     ==>   y = MatMul(x, DequantizeLinear(const q int8[K, N], const s float32[N]) {axis=1})
//
//   r = Gather(const t float32[V, H], ids)
//     ==>   r = Gather(DequantizeLinear(const q int8[V, H], const s float32[V]) {axis=0}, ids)
#include "graph/forms/int8_form.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "graph/forms/floating_elements.h"
#include "graph/forms/raise_opset.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

constexpr std::int64_t k_least_elements = 1024;
constexpr std::int64_t k_opset = 13;
constexpr float k_greatest = 127;

enum class ScalePer { k_column, k_row };

struct Quantized {
  Tensor values, scales;
};

// Rows of the stored tensor become columns where `transposed`.
Quantized quantize(const Tensor& matrix, ScalePer per, bool transposed) {
  const auto rows = static_cast<std::size_t>(matrix.dims[0]);
  const auto width = static_cast<std::size_t>(matrix.dims[1]);
  const bool by_stored_row = (per == ScalePer::k_row) != transposed;
  const auto place = [&](std::size_t k) { return by_stored_row ? k / width : k % width; };
  std::vector<float> scales(by_stored_row ? rows : width);
  for_each_float(matrix, [&](std::size_t k, float value) {
    scales[place(k)] = std::max(scales[place(k)], std::abs(value));
  });
  // A column of zeros has any scale, only not zero itself.
  for (float& scale : scales) scale = scale > 0 ? scale / k_greatest : 1;
  auto values = std::make_shared<std::vector<std::int8_t>>(rows * width);
  for_each_float(matrix, [&](std::size_t k, float value) {
    const std::size_t to = transposed ? k % width * rows + k / width : k;
    const float rounded = std::nearbyint(value / scales[place(k)]);
    (*values)[to] = static_cast<std::int8_t>(std::clamp(rounded, -k_greatest, k_greatest));
  });
  const Dims dims = transposed ? Dims{matrix.dims[1], matrix.dims[0]} : matrix.dims;
  const auto bytes = std::as_bytes(std::span<const std::int8_t>(*values));
  const std::int64_t scale_count = std::ssize(scales);
  return {make_view("weights", DType::k_int8, dims, bytes, values),
          make_tensor<float>({scale_count}, std::move(scales))};
}

class Int8Conversion {
 public:
  Int8Conversion(Graph& graph, const Int8Options& options) : graph_(graph), options_(options) {}

  Int8Report run() {
    const std::vector<NodeId> order = graph_.order();
    for (const NodeId id : order) convert(id);
    graph_.reindex();
    graph_.sort();
    graph_.remove_dead();
    return report_;
  }

 private:
  void convert(NodeId id) {
    Node& node = graph_.node(id);
    if (node.is("MatMul")) return replace(id, 1, ScalePer::k_column, false);
    if (node.is("Attention", k_microsoft_domain)) return replace(id, 1, ScalePer::k_column, false);
    if (node.is("Gemm")) return convert_gemm(id);
    if (!options_.embeddings) return;
    if (node.is("Gather") && node.integer("axis", 0) == 0)
      return replace(id, 0, ScalePer::k_row, false);
    if (node.is("EmbedLayerNormalization", k_microsoft_domain)) {
      for (const std::size_t table : {std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
        replace(id, table, ScalePer::k_row, false);
      }
    }
  }

  void convert_gemm(NodeId id) {
    const bool transposed = graph_.node(id).integer("transB", 0) != 0;
    const ValueId before = graph_.node(id).inputs[1];
    replace(id, 1, ScalePer::k_column, transposed);
    if (graph_.node(id).inputs[1] != before) graph_.node(id).attributes["transB"] = std::int64_t{0};
  }

  void replace(NodeId id, std::size_t index, ScalePer per, bool transposed) {
    if (!has_input(graph_.node(id), index)) return;
    const ValueId weight = stored_weight(graph_.node(id).inputs[index]);
    if (weight == k_no_value) return;
    const auto key = std::tuple{weight, per, transposed};
    const auto known = done_.find(key);
    const ValueId dequantized = known != done_.end() ? known->second : add(weight, per, transposed);
    done_[key] = dequantized;
    graph_.node(id).inputs[index] = dequantized;
  }

  // The constant itself, or behind a Cast that widens it.
  ValueId stored_weight(ValueId value) const {
    const Node* node = find_producer(graph_, value);
    if (node != nullptr && node->is("Cast") && graph_.value(value).dtype == DType::k_float32) {
      value = node->inputs[0];
    }
    if (!graph_.is_constant(value)) return k_no_value;
    const Tensor& tensor = *graph_.value(value).constant;
    const bool is_matrix =
        is_floating(tensor.dtype) && tensor.dims.size() == 2 && tensor.size() >= k_least_elements;
    return is_matrix && is_finite(tensor) ? value : k_no_value;
  }

  static bool is_finite(const Tensor& tensor) {
    bool finite = true;
    for_each_float(tensor,
                   [&](std::size_t, float value) { finite = finite && std::isfinite(value); });
    return finite;
  }

  ValueId add(ValueId weight, ScalePer per, bool transposed) {
    const Value& value = graph_.value(weight);
    const std::string name = value.name;
    const std::size_t before = value.constant->bytes.size();
    Quantized quantized = quantize(*value.constant, per, transposed);
    report_.bytes_before += before;
    report_.bytes_after += quantized.values.bytes.size() + quantized.scales.bytes.size();
    ++(per == ScalePer::k_row ? report_.tables : report_.matrices);
    const Dims dims = quantized.values.dims;
    const ValueId values = graph_.add_constant(name + ".int8", std::move(quantized.values));
    const ValueId scales = graph_.add_constant(name + ".scale", std::move(quantized.scales));
    const std::int64_t axis = per == ScalePer::k_row ? 0 : 1;
    const ValueId result = graph_.add_op("DequantizeLinear", {values, scales}, {{"axis", axis}},
                                         name + ".dequantized");
    graph_.value(result).dtype = DType::k_float32;
    graph_.value(result).shape = Shape{{dims[0], {}}, {dims[1], {}}};
    return result;
  }

  Graph& graph_;
  const Int8Options& options_;
  Int8Report report_;
  std::map<std::tuple<ValueId, ScalePer, bool>, ValueId> done_;
};

}  // namespace

Int8Report to_int8(Graph& graph, const Int8Options& options) {
  raise_opset(graph, k_opset);
  return Int8Conversion(graph, options).run();
}

}  // namespace hasten::graph
