#include "graph/passes/pack_projections.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/onnx_dtype.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"

namespace hasten::graph {
namespace {

const Tensor& stored(const Graph& graph, const Projection& projection) {
  return *graph.value(stored_constant(graph, projection.weight)).constant;
}

Tensor pack_weights(const Tensor& query, const Tensor& key, const Tensor& value) {
  const auto rows = static_cast<std::size_t>(query.dims[0]);
  const std::size_t row_bytes = query.bytes.size() / rows;
  const std::size_t size = 3 * query.bytes.size();
  const std::shared_ptr<std::byte[]> packed(new std::byte[size]);
  std::byte* out = packed.get();
  for (std::size_t row = 0; row < rows; ++row) {
    for (const Tensor* part : {&query, &key, &value}) {
      std::memcpy(out, part->bytes.data() + row * row_bytes, row_bytes);
      out += row_bytes;
    }
  }
  return {query.dtype, {query.dims[0], 3 * query.dims[1]}, {packed.get(), size}, packed};
}

// What widens stored weights to the type of the activations; nullptr for weights of that type.
const Node* widening(const Graph& graph, const Projection& projection) {
  return graph.is_constant(projection.weight) ? nullptr : find_producer(graph, projection.weight);
}

bool is_quantized(const Graph& graph, const Projection& projection) {
  const Node* node = widening(graph, projection);
  return node != nullptr && node->is("DequantizeLinear");
}

// int8 with a scale for each column, or for all of them, and no zero point.
bool is_symmetric(const Graph& graph, const Projection& projection) {
  const Node& node = *widening(graph, projection);
  const Tensor& values = stored(graph, projection);
  const std::int64_t axis = node.integer("axis", 1);
  if (values.dtype != DType::k_int8 || !graph.is_constant(node.inputs[1])) return false;
  const std::int64_t scales = graph.value(node.inputs[1]).constant->size();
  if (scales != 1 && !((axis == 1 || axis == -1) && scales == values.dims[1])) return false;
  if (!has_input(node, 2)) return true;
  const auto zeros = constant_integers(graph, node.inputs[2]);
  return zeros && std::all_of(zeros->begin(), zeros->end(), [](auto zero) { return zero == 0; });
}

Tensor pack_scales(const Graph& graph, const std::array<const Projection*, 3>& projections) {
  std::vector<double> packed;
  for (const Projection* part : projections) {
    const auto width = static_cast<std::size_t>(stored(graph, *part).dims[1]);
    std::vector<double> scales =
        to_float64(*graph.value(widening(graph, *part)->inputs[1]).constant);
    if (scales.size() == 1) scales.assign(width, scales[0]);
    packed.insert(packed.end(), scales.begin(), scales.end());
  }
  return make_floating(DType::k_float32, {static_cast<std::int64_t>(packed.size())}, packed);
}

// In the type of the activations.
Tensor pack_biases(const Graph& graph, const std::array<const Projection*, 3>& projections,
                   DType dtype) {
  std::vector<double> packed;
  for (const Projection* part : projections) {
    const auto width = static_cast<std::size_t>(part->heads * part->head_size);
    const std::vector<double> values = part->bias == k_no_value
                                           ? std::vector<double>(width, 0.0)
                                           : to_float64(*graph.value(part->bias).constant);
    packed.insert(packed.end(), values.begin(), values.end());
  }
  return make_floating(dtype, {static_cast<std::int64_t>(packed.size())}, packed);
}

}  // namespace

bool can_be_packed(const Graph& graph, const Projection& query, const Projection& key,
                   const Projection& value) {
  const Tensor& first = stored(graph, query);
  for (const Projection* other : {&key, &value}) {
    const Tensor& tensor = stored(graph, *other);
    if (is_quantized(graph, *other) != is_quantized(graph, query)) return false;
    if (other->input != query.input || tensor.dims != first.dims || tensor.dtype != first.dtype ||
        other->heads != query.heads || tensor.dims[0] == 0) {
      return false;
    }
  }
  if (!is_quantized(graph, query)) return true;
  return is_symmetric(graph, query) && is_symmetric(graph, key) && is_symmetric(graph, value);
}

PackedProjections ProjectionPacker::pack(const Projection& query, const Projection& key,
                                         const Projection& value, const std::string& name) {
  const Sources sources = {query.weight, key.weight, value.weight,
                           query.bias,   key.bias,   value.bias};
  const auto [entry, added] = packed_.try_emplace(sources);
  if (!added) return entry->second;
  const Tensor weights =
      pack_weights(stored(graph_, query), stored(graph_, key), stored(graph_, value));
  const DType dtype = graph_.is_constant(query.weight) ? weights.dtype : DType::k_float32;
  const Tensor bias = pack_biases(graph_, {&query, &key, &value}, dtype);
  ValueId weight = graph_.add_constant(name + ".qkv.weight", weights);
  if (is_quantized(graph_, query)) {
    const ValueId scales =
        graph_.add_constant(name + ".qkv.scales", pack_scales(graph_, {&query, &key, &value}));
    weight = graph_.add_op("DequantizeLinear", {weight, scales}, {{"axis", std::int64_t{1}}},
                           name + ".qkv.weight.float32");
  } else if (!graph_.is_constant(query.weight)) {
    weight = graph_.add_op("Cast", {weight}, {{"to", onnx_code_of(DType::k_float32)}},
                           name + ".qkv.weight.float32");
  }
  entry->second = {weight, graph_.add_constant(name + ".qkv.bias", bias)};
  return entry->second;
}

}  // namespace hasten::graph
