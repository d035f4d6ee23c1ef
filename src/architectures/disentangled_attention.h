// Disentangled attention (He et al. 2020, 2021): content and relative position attend to each
// other.
#pragma once

#include <cstdint>
#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

struct DisentangledSettings {
  bool content_to_position = false;
  bool position_to_content = false;
  bool shares_projections = false;  // positions go through the content's query and key projections
  std::int64_t span = 0;            // the table of relative positions has 2 * span rows
  std::int64_t buckets = 0;         // 0: every distance has its own row
  std::int64_t largest_distance = 0;  // where the logarithmic buckets end
};

// What all layers share.
struct RelativePositions {
  ValueId embeddings = graph::k_no_value;  // [2 * span, width], k_no_value: content alone
  ValueId rows = graph::k_no_value;        // row for query l and key r: int64 [length, length]
};

// Row of the table for each distance l - r from -(limit - 1) to limit - 1: the distance, or its
// logarithmic bucket, plus `span`, cut to the table.
std::vector<std::int64_t> disentangled_rows(const DisentangledSettings& settings,
                                            std::int64_t limit);

// The scores (before the mask) of one layer, `hidden` attending to itself, and its values:
//   (Q K^T + Q Kp[l - r]^T + (K Qp[l - r]^T)^T) / sqrt(head_size * terms)
// Kp and Qp being projections of the relative positions' embeddings; `module` is the layer's
// "...attention.self".
struct ScoredValues {
  ValueId scores, values;  // [batch, heads, length, length], [batch, heads, length, head_size]
};
ScoredValues disentangled_scores(EncoderBuilder& builder, ValueId hidden, std::int64_t width,
                                 const HeadSizes& sizes, const DisentangledSettings& settings,
                                 const RelativePositions& positions, const std::string& module);

}  // namespace hasten::architectures
