#include "architectures/disentangled_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace hasten::architectures {
namespace {

// The bucket of a distance, in float32 as transformers computes it: exact up to half of the
// buckets, logarithmic beyond.
std::int64_t log_bucket(std::int64_t distance, std::int64_t buckets, std::int64_t largest) {
  const std::int64_t middle = buckets / 2;
  const std::int64_t size = std::abs(distance);
  if (size <= middle) return distance;
  const auto half = static_cast<float>(middle);
  const float reach =
      std::log(static_cast<float>(static_cast<double>(largest - 1) / static_cast<double>(middle)));
  const float share = std::log(static_cast<float>(size) / half) / reach;
  const float bucket = std::ceil(share * static_cast<float>(middle - 1)) + half;
  return static_cast<std::int64_t>(distance < 0 ? -bucket : bucket);
}

ValueId divide(EncoderBuilder& builder, ValueId scores, ValueId scale, const std::string& name) {
  return builder.op("Div", {scores, scale}, name);
}

// a b^T for each head.
ValueId multiply_turned(EncoderBuilder& builder, ValueId a, ValueId b, const std::string& name) {
  const ValueId turned = builder.op("Transpose", {b}, name + "_turned",
                                    {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
  return builder.op("MatMul", {a, turned}, name + "_product");
}

ValueId content_to_position(EncoderBuilder& builder, const DisentangledParts& parts, ValueId scale,
                            const std::string& name) {
  const ValueId products = multiply_turned(builder, parts.query, parts.key_positions, name);
  const ValueId gathered = gather_by_position(builder, products, parts.rows, parts.query, name);
  return divide(builder, gathered, scale, name + "_scores");
}

// For key r and query l the row is that of l - r again: the rows for r - l, mirrored.
ValueId position_to_content(EncoderBuilder& builder, const DisentangledParts& parts, ValueId scale,
                            const std::string& name) {
  const ValueId products = multiply_turned(builder, parts.key, parts.query_positions, name);
  const ValueId turned_rows = builder.op("Transpose", {parts.rows}, name + "_key_rows",
                                         {{"perm", std::vector<std::int64_t>{1, 0}}});
  const ValueId by_key = gather_by_position(builder, products, turned_rows, parts.query, name);
  const ValueId by_query = builder.op("Transpose", {by_key}, name + "_by_query",
                                      {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
  return divide(builder, by_query, scale, name + "_scores");
}

}  // namespace

std::vector<std::int64_t> disentangled_rows(const DisentangledSettings& settings,
                                            std::int64_t limit) {
  std::vector<std::int64_t> rows;
  for (std::int64_t distance = 1 - limit; distance < limit; ++distance) {
    const std::int64_t bucket =
        settings.buckets > 0 ? log_bucket(distance, settings.buckets, settings.largest_distance)
                             : distance;
    rows.push_back(std::clamp(bucket + settings.span, std::int64_t{0}, 2 * settings.span - 1));
  }
  return rows;
}

ValueId split_position_rows(EncoderBuilder& builder, ValueId rows, const HeadSizes& sizes,
                            const std::string& name) {
  const ValueId batch = builder.op("Unsqueeze", {rows, builder.integers({0})}, name + "_rows");
  return builder.split_heads(batch, sizes, name);
}

ValueId gather_by_position(EncoderBuilder& builder, ValueId products, ValueId rows, ValueId like,
                           const std::string& name) {
  const ValueId shape = builder.op("Shape", {like}, name + "_shape");
  const ValueId front =
      builder.op("Slice", {shape, builder.integers({0}), builder.integers({3})}, name + "_front");
  const ValueId length =
      builder.op("Slice", {shape, builder.integers({2}), builder.integers({3})}, name + "_length");
  const ValueId target =
      builder.op("Concat", {front, length}, name + "_target", {{"axis", std::int64_t{0}}});
  const ValueId spread = builder.op("Expand", {rows, target}, name + "_rows");
  return builder.op("GatherElements", {products, spread}, name + "_gathered",
                    {{"axis", std::int64_t{-1}}});
}

ValueId disentangled_scores(EncoderBuilder& builder, const HeadSizes& sizes,
                            const DisentangledSettings& settings, const DisentangledParts& parts,
                            const std::string& module) {
  const int terms = 1 + settings.content_to_position + settings.position_to_content;
  const ValueId scale = builder.number(std::sqrt(static_cast<double>(sizes.head_size * terms)));
  ValueId scores =
      divide(builder, multiply_turned(builder, parts.query, parts.key, module + ".content"), scale,
             module + ".content_scores");
  if (parts.key_positions != graph::k_no_value) {
    scores = builder.add(scores, content_to_position(builder, parts, scale, module + ".c2p"),
                         module + ".scores_with_c2p");
  }
  if (parts.query_positions != graph::k_no_value) {
    scores = builder.add(scores, position_to_content(builder, parts, scale, module + ".p2c"),
                         module + ".scores_with_p2c");
  }
  return scores;
}

}  // namespace hasten::architectures
