#include "classifier/window_votes.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace hasten::classifier {

std::int64_t vote(std::span<const float> logits, std::size_t class_count, std::int64_t tie_value) {
  assert(!logits.empty() && logits.size() % class_count == 0);
  std::vector<std::size_t> votes(class_count, 0);
  for (std::size_t begin = 0; begin < logits.size(); begin += class_count) {
    const auto row = logits.subspan(begin, class_count);
    ++votes[static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin())];
  }
  const auto most = std::max_element(votes.begin(), votes.end());
  if (std::count(votes.begin(), votes.end(), *most) > 1) return tie_value;
  return most - votes.begin();
}

void mean_of_windows(std::span<const float> logits, std::span<float> mean) {
  const std::size_t class_count = mean.size();
  assert(!logits.empty() && logits.size() % class_count == 0);
  const std::size_t windows = logits.size() / class_count;
  for (std::size_t index = 0; index < class_count; ++index) {
    double sum = 0;
    for (std::size_t at = index; at < logits.size(); at += class_count) sum += logits[at];
    mean[index] = static_cast<float>(sum / static_cast<double>(windows));
  }
}

}  // namespace hasten::classifier
