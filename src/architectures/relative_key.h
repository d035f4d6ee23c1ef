// Attention with learned distances between query and key (Shaw et al. 2018; Huang et al. 2020):
// BERT's position_embedding_type relative_key and relative_key_query.
#pragma once

#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

struct RelativeKeys {
  HeadSizes sizes;
  ValueId distances{};         // signed_distances()
  std::int64_t positions = 0;  // the distance table has 2 * positions - 1 rows
  bool with_query = false;     // relative_key_query: the key sees the distance too
  bool scaled = true;          // divided by sqrt(head_size) like the rest; ALBERT's are not
};

// softmax((Q K^T + Q D^T [+ K D^T]) / sqrt(head_size) + mask) V, merged, where D[l, r] is the row
// of the table `module`.distance_embedding for query l and key r.
ValueId attend_with_relative_keys(EncoderBuilder& builder, const QueryKeyValue& inputs,
                                  ValueId mask, const RelativeKeys& keys,
                                  const std::string& module);

}  // namespace hasten::architectures
