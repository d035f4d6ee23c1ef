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

// One layer's attention: the values that its formulas are made of.
class Layer {
 public:
  Layer(EncoderBuilder& builder, const HeadSizes& sizes, const RelativePositions& positions,
        const DisentangledSettings& settings, std::int64_t width, const std::string& module)
      : builder_(builder),
        sizes_(sizes),
        positions_(positions),
        settings_(settings),
        width_(width),
        module_(module) {
    const int terms = 1 + settings.content_to_position + settings.position_to_content;
    scale_ = builder.number(std::sqrt(static_cast<double>(sizes.head_size * terms)));
  }

  ScoredValues compute(ValueId hidden) {
    query_ = split(project(hidden, "query_proj"), "query");
    key_ = split(project(hidden, "key_proj"), "key");
    const ValueId value = split(project(hidden, "value_proj"), "value");
    ValueId scores = divide(multiply_turned(query_, key_, "content"), "content_scores");
    if (positions_.embeddings != graph::k_no_value) {
      if (settings_.content_to_position) {
        scores = builder_.add(scores, content_to_position(), name("scores_with_c2p"));
      }
      if (settings_.position_to_content) {
        scores = builder_.add(scores, position_to_content(), name("scores_with_p2c"));
      }
    }
    return {scores, value};
  }

 private:
  std::string name(const std::string& part) const { return module_ + "." + part; }

  ValueId project(ValueId input, const std::string& projection) {
    return builder_.linear(input, name(projection), width_, sizes_.width());
  }

  ValueId split(ValueId input, const std::string& part) {
    return builder_.split_heads(input, sizes_, name(part));
  }

  ValueId divide(ValueId scores, const std::string& part) {
    return builder_.op("Div", {scores, scale_}, name(part));
  }

  // a b^T for each head.
  ValueId multiply_turned(ValueId a, ValueId b, const std::string& part) {
    const ValueId turned = builder_.op("Transpose", {b}, name(part + "_turned"),
                                       {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
    return builder_.op("MatMul", {a, turned}, name(part + "_product"));
  }

  // The relative positions' embeddings, projected and split: [1, heads, 2 * span, head_size].
  ValueId project_positions(const std::string& own, const std::string& shared) {
    const ValueId rows =
        project(positions_.embeddings, settings_.shares_projections ? shared : own);
    const ValueId batch =
        builder_.op("Unsqueeze", {rows, builder_.integers({0})}, name(own + "_rows"));
    return split(batch, own);
  }

  // scores[.., i, j] = products[.., i, rows[i, j]]
  ValueId gather(ValueId products, ValueId rows, const std::string& part) {
    const ValueId shape = builder_.op("Shape", {query_}, name(part + "_shape"));
    const ValueId front = builder_.op(
        "Slice", {shape, builder_.integers({0}), builder_.integers({3})}, name(part + "_front"));
    const ValueId length = builder_.op(
        "Slice", {shape, builder_.integers({2}), builder_.integers({3})}, name(part + "_length"));
    const ValueId target =
        builder_.op("Concat", {front, length}, name(part + "_target"), {{"axis", std::int64_t{0}}});
    const ValueId spread = builder_.op("Expand", {rows, target}, name(part + "_rows"));
    return builder_.op("GatherElements", {products, spread}, name(part + "_gathered"),
                       {{"axis", std::int64_t{-1}}});
  }

  ValueId content_to_position() {
    const ValueId key_positions = project_positions("pos_key_proj", "key_proj");
    const ValueId products = multiply_turned(query_, key_positions, "c2p");
    return divide(gather(products, positions_.rows, "c2p"), "c2p_scores");
  }

  // For key r and query l the row is that of l - r again: the rows for r - l, mirrored.
  ValueId position_to_content() {
    const ValueId query_positions = project_positions("pos_query_proj", "query_proj");
    const ValueId products = multiply_turned(key_, query_positions, "p2c");
    const ValueId turned_rows = builder_.op("Transpose", {positions_.rows}, name("p2c_key_rows"),
                                            {{"perm", std::vector<std::int64_t>{1, 0}}});
    const ValueId by_key = gather(products, turned_rows, "p2c");
    const ValueId by_query = builder_.op("Transpose", {by_key}, name("p2c_by_query"),
                                         {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
    return divide(by_query, "p2c_scores");
  }

  EncoderBuilder& builder_;
  const HeadSizes& sizes_;
  const RelativePositions& positions_;
  const DisentangledSettings& settings_;
  std::int64_t width_;
  const std::string& module_;
  ValueId scale_, query_, key_;
};

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

ScoredValues disentangled_scores(EncoderBuilder& builder, ValueId hidden, std::int64_t width,
                                 const HeadSizes& sizes, const DisentangledSettings& settings,
                                 const RelativePositions& positions, const std::string& module) {
  return Layer(builder, sizes, positions, settings, width, module).compute(hidden);
}

}  // namespace hasten::architectures
