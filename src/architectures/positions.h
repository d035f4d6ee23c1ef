// Where tokens stand: positions for tables, distances for relative positions.
#pragma once

#include <vector>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

// 0, 1, 2, ... cut to the sequence's length, which is at most `limit`: int64 [1, sequence_length].
ValueId counted_positions(EncoderBuilder& builder, ValueId input_ids, std::int64_t limit);

// RoBERTa's: tokens are counted from pad_id + 1, those that are padding stand at pad_id;
// int64 [batch_size, sequence_length].
ValueId padded_positions(EncoderBuilder& builder, ValueId input_ids, std::int64_t pad_id);

// l - r for query l and key r: int64 [length, length] from counted positions.
ValueId signed_distances(EncoderBuilder& builder, ValueId positions);

// Entry l - r + limit - 1 of `by_distance`, which has 2 * limit - 1 entries, for each query l and
// key r: int64 [length, length]. `name` is the table's.
ValueId distance_buckets(EncoderBuilder& builder, ValueId distances,
                         std::vector<std::int64_t> by_distance, const std::string& name);

}  // namespace hasten::architectures
