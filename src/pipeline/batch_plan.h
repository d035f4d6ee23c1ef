// Which texts are computed together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasten::pipeline {

// Tokens of a batch. The fewer are left to plan, the smaller batches get, so that `workers` that take one
// after the other end at nearly the same time.
struct BatchSizes {
  std::size_t largest = 1024;
  std::size_t smallest = 1024;
  std::size_t workers = 1;
};

// Groups texts of the given token counts into batches of at most so many tokens (a longer text is a
// batch of its own), longest first. Returns the indexes of each batch's texts; every index is there
// once. Stable: equal input, equal plan.
std::vector<std::vector<std::uint32_t>> plan_batches(std::span<const std::uint32_t> token_counts,
                                                     const BatchSizes& sizes);

}  // namespace hasten::pipeline
