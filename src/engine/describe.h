// Program -> readable text, for tests and for looking.
#pragma once

#include <string>

#include "engine/program.h"

namespace hasten::engine {

// One instruction a line; buffers are tN (a row per token) or sN (a row per text), widths in brackets:
//   t0[4] = Embed(token_id, position) normalize
//   t1[12] = Linear(t0) 4x12 bias
//   t2[4] = Attention(t1+0, t1+4, t1+8) heads 2
//   s3[4] = Pool(t2) first_token
//   logits s3
std::string describe(const Program& program);

}  // namespace hasten::engine
