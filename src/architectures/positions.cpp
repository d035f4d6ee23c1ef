#include "architectures/positions.h"

#include <numeric>

#include "base/onnx_dtype.h"

namespace hasten::architectures {

ValueId counted_positions(EncoderBuilder& builder, ValueId input_ids, std::int64_t limit) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(limit));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const ValueId table = builder.graph().add_constant(
      "embeddings.position_ids", make_tensor<std::int64_t>({1, limit}, std::move(all)));
  return builder.op(
      "Slice",
      {table, builder.integers({0}), builder.sequence_length(input_ids), builder.integers({1})},
      "embeddings.positions");
}

ValueId padded_positions(EncoderBuilder& builder, ValueId input_ids, std::int64_t pad_id) {
  const ValueId padding =
      builder.op("Equal", {input_ids, builder.integer(pad_id)}, "embeddings.is_padding");
  const ValueId token = builder.op("Not", {padding}, "embeddings.is_token");
  const ValueId ones =
      builder.op("Cast", {token}, "embeddings.tokens", {{"to", onnx_code_of(DType::k_int64)}});
  const ValueId counted =
      builder.op("CumSum", {ones, builder.integer(1)}, "embeddings.tokens_counted");
  const ValueId kept = builder.op("Mul", {counted, ones}, "embeddings.counts_of_tokens");
  return builder.op("Add", {kept, builder.integer(pad_id)}, "embeddings.positions");
}

ValueId signed_distances(EncoderBuilder& builder, ValueId positions) {
  const ValueId queries = builder.op("Transpose", {positions}, "distances.query_positions",
                                     {{"perm", std::vector<std::int64_t>{1, 0}}});
  return builder.op("Sub", {queries, positions}, "distances");
}

ValueId distance_buckets(EncoderBuilder& builder, ValueId distances,
                         std::vector<std::int64_t> by_distance, const std::string& name) {
  const auto entries = static_cast<std::int64_t>(by_distance.size());
  const ValueId table = builder.graph().add_constant(
      name + ".by_distance", make_tensor<std::int64_t>({entries}, std::move(by_distance)));
  const ValueId index =
      builder.op("Add", {distances, builder.integer(entries / 2)}, name + ".distance_index");
  return builder.op("Gather", {table, index}, name, {{"axis", std::int64_t{0}}});
}

}  // namespace hasten::architectures
