#include "graph/passes/pack_projections.h"

#include <cstring>
#include <memory>

#include "base/onnx_dtype.h"
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

Tensor pack_biases(const Graph& graph, const std::array<const Projection*, 3>& projections) {
  std::vector<float> packed;
  for (const Projection* part : projections) {
    const auto width = static_cast<std::size_t>(part->heads * part->head_size);
    const std::vector<float> values = part->bias == k_no_value
                                          ? std::vector<float>(width, 0.0F)
                                          : to_float32(*graph.value(part->bias).constant);
    packed.insert(packed.end(), values.begin(), values.end());
  }
  const auto width = static_cast<std::int64_t>(packed.size());
  return make_tensor<float>({width}, std::move(packed));
}

}  // namespace

bool can_be_packed(const Graph& graph, const Projection& query, const Projection& key,
                   const Projection& value) {
  const Tensor& first = stored(graph, query);
  for (const Projection* other : {&key, &value}) {
    const Tensor& tensor = stored(graph, *other);
    if (other->input != query.input || tensor.dims != first.dims || tensor.dtype != first.dtype ||
        other->heads != query.heads || tensor.dims[0] == 0) {
      return false;
    }
  }
  return true;
}

PackedProjections ProjectionPacker::pack(const Projection& query, const Projection& key,
                                         const Projection& value, const std::string& name) {
  const Sources sources = {query.weight, key.weight, value.weight,
                           query.bias,   key.bias,   value.bias};
  const auto [entry, added] = packed_.try_emplace(sources);
  if (!added) return entry->second;
  const Tensor weights =
      pack_weights(stored(graph_, query), stored(graph_, key), stored(graph_, value));
  const Tensor bias = pack_biases(graph_, {&query, &key, &value});
  ValueId weight = graph_.add_constant(name + ".qkv.weight", weights);
  if (!graph_.is_constant(query.weight)) {
    weight = graph_.add_op("Cast", {weight}, {{"to", onnx_code_of(DType::k_float32)}},
                           name + ".qkv.weight.float32");
  }
  entry->second = {weight, graph_.add_constant(name + ".qkv.bias", bias)};
  return entry->second;
}

}  // namespace hasten::graph
