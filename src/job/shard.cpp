#include "job/shard.h"

#include <algorithm>
#include <numeric>
#include <queue>
#include <utility>

namespace hasten::job {

std::vector<std::size_t> inputs_of_shard(std::span<const std::uint64_t> sizes, const Shard& shard) {
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  using Load = std::pair<std::uint64_t, std::uint64_t>;  // bytes, shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least_first;
  for (std::uint64_t i = 0; i < shard.count; ++i) least_first.emplace(0, i);
  std::vector<std::size_t> mine;
  for (const std::size_t input : order) {
    auto [bytes, index] = least_first.top();
    least_first.pop();
    if (index == shard.index) mine.push_back(input);
    // An empty input is some work too.
    least_first.emplace(bytes + sizes[input] + 1, index);
  }
  std::sort(mine.begin(), mine.end());
  return mine;
}

}  // namespace hasten::job
