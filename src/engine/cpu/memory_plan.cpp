#include "engine/cpu/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "engine/cpu/aligned_buffer.h"

namespace hasten::engine::cpu {

MemoryPlan::MemoryPlan(const std::vector<Storage>& storages) : slot_of_(storages.size()) {
  std::vector<std::size_t> order(storages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return storages[a].first < storages[b].first;
  });
  for (const std::size_t index : order) slot_of_[index] = take_slot(storages[index]);
}

// The free slot that grows least, and of those the smallest.
std::size_t MemoryPlan::take_slot(const Storage& storage) {
  const bool per_token = storage.rows == Rows::k_tokens;
  const auto size_of_slot = [&](const Slot& slot) {
    return per_token ? slot.token_bytes : slot.sequence_bytes;
  };
  std::size_t best = slots_.size();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].last >= storage.first) continue;
    if (best == slots_.size()) {
      best = i;
      continue;
    }
    const std::size_t size = size_of_slot(slots_[i]);
    const std::size_t best_size = size_of_slot(slots_[best]);
    const bool fits = size >= storage.row_bytes;
    const bool best_fits = best_size >= storage.row_bytes;
    if (fits ? !best_fits || size < best_size : !best_fits && size > best_size) best = i;
  }
  if (best == slots_.size()) slots_.emplace_back();
  Slot& slot = slots_[best];
  std::size_t& size = per_token ? slot.token_bytes : slot.sequence_bytes;
  size = std::max(size, storage.row_bytes);
  slot.last = storage.last;
  return best;
}

MemoryPlan::Layout MemoryPlan::layout(std::size_t tokens, std::size_t sequences) const {
  std::vector<std::size_t> starts;
  Layout result;
  for (const Slot& slot : slots_) {
    starts.push_back(result.size);
    const std::size_t bytes = std::max(slot.token_bytes * tokens, slot.sequence_bytes * sequences);
    result.size += round_up(bytes, AlignedBuffer::k_alignment) + AlignedBuffer::k_alignment;
  }
  for (const std::size_t slot : slot_of_) result.offsets.push_back(starts[slot]);
  return result;
}

}  // namespace hasten::engine::cpu
