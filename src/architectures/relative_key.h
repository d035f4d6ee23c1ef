// Attention with learned distances between query and key (Shaw et al. 2018; Huang et al. 2020):
// BERT's position_embedding_type relative_key and relative_key_query.
#pragma once

#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

struct RelativeKeys {
  HeadSizes sizes;
  ValueId distances{};         // what relative_distances() made
  std::int64_t positions = 0;  // the distance table has 2 * positions - 1 rows
  bool with_query = false;     // relative_key_query: the key sees the distance too
};

// The distance table's row for query l and key r, l - r + `limit` - 1: int64 [length, length] from
// `positions`, 0, 1, 2, ... as [1, length].
ValueId relative_distances(EncoderBuilder& builder, ValueId positions, std::int64_t limit);

// softmax((Q K^T + Q D^T [+ K D^T]) / sqrt(head_size) + mask) V, merged, where D[l, r] is the row
// of the table `module`.distance_embedding for query l and key r.
ValueId attend_with_relative_keys(EncoderBuilder& builder, const QueryKeyValue& inputs,
                                  ValueId mask, const RelativeKeys& keys,
                                  const std::string& module);

}  // namespace hasten::architectures
