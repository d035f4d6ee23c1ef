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

// Q D^T [+ K D^T]: [batch, heads, length, length].
ValueId distance_scores(EncoderBuilder& builder, ValueId query, ValueId key,
                        const RelativeKeys& keys, const std::string& module) {
  const ValueId index = builder.op("Add", {keys.distances, builder.integer(keys.positions - 1)},
                                   module + ".distance_index");
  const ValueId embedded = builder.lookup(module + ".distance_embedding", index,
                                          2 * keys.positions - 1, keys.sizes.head_size);
  const ValueId by_query = multiply_rows(
      builder, query, transpose_to(builder, embedded, {0, 2, 1}, module + ".by_query"),
      module + ".query_distance_scores");
  if (!keys.with_query) return by_query;
  const ValueId by_key =
      multiply_rows(builder, key, transpose_to(builder, embedded, {1, 2, 0}, module + ".by_key"),
                    module + ".key_distance_scores_turned");
  const ValueId upright =
      transpose_to(builder, by_key, {0, 1, 3, 2}, module + ".key_distance_scores");
  return builder.add(by_query, upright, module + ".distance_scores");
}

}  // namespace

ValueId attend_with_relative_keys(EncoderBuilder& builder, const QueryKeyValue& inputs,
                                  ValueId mask, const RelativeKeys& keys,
                                  const std::string& module) {
  const HeadSizes& sizes = keys.sizes;
  const ValueId query = builder.split_heads(inputs.query, sizes, module + ".query");
  const ValueId key = builder.split_heads(inputs.key, sizes, module + ".key");
  const ValueId value = builder.split_heads(inputs.value, sizes, module + ".value");
  const ValueId turned = transpose_to(builder, key, {0, 1, 3, 2}, module + ".key_transposed");
  const ValueId content = builder.op("MatMul", {query, turned}, module + ".content_scores");
  const ValueId by_distance = distance_scores(builder, query, key, keys, module);
  const ValueId divisor = builder.number(std::sqrt(static_cast<double>(sizes.head_size)));
  ValueId scores;
  if (keys.scaled) {
    const ValueId sum = builder.add(content, by_distance, module + ".score_sum");
    scores = builder.op("Div", {sum, divisor}, module + ".scores");
  } else {
    const ValueId scaled = builder.op("Div", {content, divisor}, module + ".scaled_content");
    scores = builder.add(scaled, by_distance, module + ".scores");
  }
  return builder.weighted_values(scores, mask, value, sizes, module);
}

}  // namespace hasten::architectures
