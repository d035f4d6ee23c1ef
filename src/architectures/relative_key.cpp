#include "architectures/relative_key.h"

#include <cmath>

namespace hasten::architectures {
namespace {

using Permutation = std::vector<std::int64_t>;

ValueId transpose_to(EncoderBuilder& builder, ValueId input, Permutation permutation,
                     std::string name) {
  return builder.op("Transpose", {input}, std::move(name), {{"perm", std::move(permutation)}});
}

// rows [b, h, l, d] times tables [l, d, r], each row with its own table: [b, h, l, r].
ValueId multiply_rows(EncoderBuilder& builder, ValueId rows, ValueId tables,
                      const std::string& name) {
  const ValueId lone = builder.op("Unsqueeze", {rows, builder.integers({3})}, name + ".rows");
  const ValueId product = builder.op("MatMul", {lone, tables}, name + ".products");
  return builder.op("Squeeze", {product, builder.integers({3})}, name);
}

}  // namespace

ValueId relative_distances(EncoderBuilder& builder, ValueId positions, std::int64_t limit) {
  const ValueId queries = transpose_to(builder, positions, {1, 0}, "distances.query_positions");
  const ValueId difference = builder.op("Sub", {queries, positions}, "distances.signed");
  return builder.op("Add", {difference, builder.integers({limit - 1})}, "distances");
}

ValueId attend_with_relative_keys(EncoderBuilder& builder, const QueryKeyValue& inputs,
                                  ValueId mask, const RelativeKeys& keys,
                                  const std::string& module) {
  const HeadSizes& sizes = keys.sizes;
  const ValueId query = builder.split_heads(inputs.query, sizes, module + ".query");
  const ValueId key = builder.split_heads(inputs.key, sizes, module + ".key");
  const ValueId value = builder.split_heads(inputs.value, sizes, module + ".value");
  const ValueId embedded = builder.lookup(module + ".distance_embedding", keys.distances,
                                          2 * keys.positions - 1, sizes.head_size);
  const ValueId turned = transpose_to(builder, key, {0, 1, 3, 2}, module + ".key_transposed");
  const ValueId content = builder.op("MatMul", {query, turned}, module + ".content_scores");
  const ValueId by_query = multiply_rows(
      builder, query, transpose_to(builder, embedded, {0, 2, 1}, module + ".distances_by_query"),
      module + ".query_distance_scores");
  ValueId scores = builder.add(content, by_query, module + ".scores_with_query_distance");
  if (keys.with_query) {
    const ValueId by_key = multiply_rows(
        builder, key, transpose_to(builder, embedded, {1, 2, 0}, module + ".distances_by_key"),
        module + ".key_distance_scores_turned");
    const ValueId upright =
        transpose_to(builder, by_key, {0, 1, 3, 2}, module + ".key_distance_scores");
    scores = builder.add(scores, upright, module + ".scores_with_both_distances");
  }
  const ValueId scaled =
      builder.op("Div", {scores, builder.number(std::sqrt(static_cast<double>(sizes.head_size)))},
                 module + ".scores");
  return builder.weighted_values(scaled, mask, value, sizes, module);
}

}  // namespace hasten::architectures
