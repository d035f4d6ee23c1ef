// Which texts are computed together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasten::pipeline {

// Groups texts of the given token counts into batches of at most `token_budget` tokens (a longer text is
// a batch of its own), longest first, so that the last batches to finish are short ones. Returns the
// indexes of each batch's texts; every index is there once. Stable: equal input, equal plan.
std::vector<std::vector<std::uint32_t>> plan_batches(std::span<const std::uint32_t> token_counts,
                                                     std::size_t token_budget);

}  // namespace hasten::pipeline
