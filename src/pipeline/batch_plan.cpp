#include "pipeline/batch_plan.h"

#include <algorithm>
#include <numeric>

namespace hasten::pipeline {
namespace {

// Each worker has some batches of this size yet to come.
constexpr std::size_t k_batches_to_come = 4;

std::size_t budget(const BatchSizes& sizes, std::size_t tokens_left) {
  const std::size_t share = tokens_left / (k_batches_to_come * sizes.workers);
  return std::min(sizes.largest, std::max(share, sizes.smallest));
}

}  // namespace

std::vector<std::vector<std::uint32_t>> plan_batches(std::span<const std::uint32_t> token_counts,
                                                     const BatchSizes& sizes) {
  std::vector<std::uint32_t> order(token_counts.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return token_counts[left] > token_counts[right];
  });
  std::vector<std::vector<std::uint32_t>> batches;
  std::size_t left = std::accumulate(token_counts.begin(), token_counts.end(), std::size_t{0});
  std::size_t tokens = 0;
  std::size_t most = 0;
  for (const std::uint32_t index : order) {
    if (batches.empty() || tokens + token_counts[index] > most) {
      batches.emplace_back();
      tokens = 0;
      most = budget(sizes, left);
    }
    batches.back().push_back(index);
    tokens += token_counts[index];
    left -= token_counts[index];
  }
  return batches;
}

}  // namespace hasten::pipeline
