// The keys and values of the last layer, never computed.
#pragma once

#include "engine/program.h"

namespace hasten::engine {

// Turns an Attention of one query a sequence into a FoldedAttention where its keys and values are
// products of one buffer that nothing else reads, and removes these products. Exact but for rounding.
// Returns whether anything changed. To be called after narrow_to_first_token().
//
//   kv = Linear(hidden)                      a = FoldedAttention(q, hidden, weights of kv)
//   a  = Attention(q, kv)            ==>
bool fold_attention(Program& program);

}  // namespace hasten::engine
