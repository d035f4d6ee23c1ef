// Cutting a batch into passes: consecutive sequences that are run together.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/program.h"

namespace hasten::engine::cpu {

// Passes of about `pass_tokens` tokens for `workers` threads, as first sequences and the end: pass p
// runs sequences [cut[p], cut[p+1]). Their number is a multiple of `workers` where there are enough
// sequences; it is 1 for a batch that is too small to be worth splitting.
void cut_batch(const RaggedBatch& batch, std::size_t pass_tokens, int workers,
               std::vector<std::size_t>& cut);

// Tokens of the longest sequence.
std::size_t longest_sequence(const RaggedBatch& batch);

}  // namespace hasten::engine::cpu
