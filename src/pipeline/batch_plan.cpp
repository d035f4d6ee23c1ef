#include "pipeline/batch_plan.h"

#include <algorithm>
#include <numeric>

namespace hasten::pipeline {

std::vector<std::vector<std::uint32_t>> plan_batches(std::span<const std::uint32_t> token_counts,
                                                     std::size_t token_budget) {
  std::vector<std::uint32_t> order(token_counts.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return token_counts[left] > token_counts[right];
  });
  std::vector<std::vector<std::uint32_t>> batches;
  std::size_t tokens = 0;
  for (const std::uint32_t index : order) {
    if (batches.empty() || tokens + token_counts[index] > token_budget) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(index);
    tokens += token_counts[index];
  }
  return batches;
}

}  // namespace hasten::pipeline
