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
  std::int64_t span = 0;              // the table of relative positions has 2 * span rows
  std::int64_t buckets = 0;           // 0: every distance has its own row
  std::int64_t largest_distance = 0;  // where the logarithmic buckets end
};

// Row of the table for each distance l - r from -(limit - 1) to limit - 1: the distance, or its
// logarithmic bucket, plus `span`, cut to the table.
std::vector<std::int64_t> disentangled_rows(const DisentangledSettings& settings,
                                            std::int64_t limit);

// One layer's projections, split into heads: [batch, heads, length, head_size], those of the
// relative positions' embeddings [1, heads, 2 * span, head_size] (k_no_value: that term is left
// out).
struct DisentangledParts {
  ValueId query = graph::k_no_value, key = graph::k_no_value;
  ValueId key_positions = graph::k_no_value, query_positions = graph::k_no_value;
  // The table's row for query l and key r: int64 [length, length].
  ValueId rows = graph::k_no_value;
};

// The scores (before the mask) of one layer, `module` being its "...attention.self":
//   (Q K^T + Q Kp[l - r]^T + (K Qp[l - r]^T)^T) / sqrt(head_size * terms)
// `terms` counts those that the settings name, whether they are left out or not.
ValueId disentangled_scores(EncoderBuilder& builder, const HeadSizes& sizes,
                            const DisentangledSettings& settings, const DisentangledParts& parts,
                            const std::string& module);

// Rows of position embeddings projected ([rows, width]) to heads: [1, heads, rows, head_size].
ValueId split_position_rows(EncoderBuilder& builder, ValueId rows, const HeadSizes& sizes,
                            const std::string& name);

// scores[b, h, l, r] = products[b, h, l, rows[l, r]], `like` being [b, h, l, ...].
ValueId gather_by_position(EncoderBuilder& builder, ValueId products, ValueId rows, ValueId like,
                           const std::string& name);

}  // namespace hasten::architectures
