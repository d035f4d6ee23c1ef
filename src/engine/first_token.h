// The last layer, computed only where the classifier looks.
#pragma once

#include "engine/program.h"

namespace hasten::engine {

// When the classifier reads nothing but each text's first token, the last layer's query, attention
// output and feed-forward are needed for that token alone (its keys and values for all). Rewrites
// the program so; results are bitwise the same. Returns whether anything changed.
//
//   qkv  = Linear(hidden)                    kv = Linear(hidden)[key, value]
//   a    = Attention(qkv)                    h0 = Pool(hidden)             one row a text
//   o    = Linear(a)                  ==>    q  = Linear(h0)[query]
//   y    = AddNormalize(o + hidden)          a  = Attention(q, kv)
//   ...                                      y  = AddNormalize(Linear(a) + h0) ...
//   p    = Pool(y)
bool narrow_to_first_token(Program& program);

}  // namespace hasten::engine
