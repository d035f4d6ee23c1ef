#include "engine/cpu/batch_cut.h"

#include <algorithm>

namespace hasten::engine::cpu {
namespace {

// Below so many tokens for each worker, threads share every operation instead.
constexpr std::size_t k_smallest_pass = 96;

std::size_t pass_count(std::size_t tokens, std::size_t sequences, std::size_t pass_tokens,
                       std::size_t workers) {
  std::size_t passes = (tokens + pass_tokens - 1) / pass_tokens;
  if (tokens >= workers * k_smallest_pass) passes = (passes + workers - 1) / workers * workers;
  return std::clamp<std::size_t>(passes, 1, sequences);
}

}  // namespace

void cut_batch(const RaggedBatch& batch, std::size_t pass_tokens, int workers,
               std::vector<std::size_t>& cut) {
  const std::size_t tokens = batch.token_count();
  const std::size_t sequences = batch.sequence_count();
  const std::size_t passes =
      pass_count(tokens, sequences, pass_tokens, static_cast<std::size_t>(workers));
  cut.clear();
  cut.push_back(0);
  for (std::size_t pass = 1; pass < passes; ++pass) {
    const auto target = static_cast<std::int32_t>(tokens * pass / passes);
    const auto nearest = std::lower_bound(batch.offsets.begin(), batch.offsets.end(), target);
    const auto sequence = static_cast<std::size_t>(nearest - batch.offsets.begin());
    if (sequence > cut.back() && sequence < sequences) cut.push_back(sequence);
  }
  cut.push_back(sequences);
}

std::size_t longest_sequence(const RaggedBatch& batch) {
  std::int32_t longest = 0;
  for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
    longest = std::max(longest, batch.offsets[sequence + 1] - batch.offsets[sequence]);
  }
  return static_cast<std::size_t>(longest);
}

}  // namespace hasten::engine::cpu
