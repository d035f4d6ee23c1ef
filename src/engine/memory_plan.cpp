#include "engine/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace hasten::engine {

MemoryPlan::MemoryPlan(const std::vector<Storage>& storages) : slot_of_(storages.size()) {
  std::vector<std::size_t> order(storages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return storages[a].first < storages[b].first;
  });
  for (const std::size_t index : order) slot_of_[index] = take_slot(storages[index]);
}

MemoryPlan::Field MemoryPlan::field_of(const Storage& storage) {
  if (storage.row_limit != 0) return &Slot::fixed_bytes;
  return storage.rows == Rows::k_tokens ? &Slot::token_bytes : &Slot::sequence_bytes;
}

// The free slot that grows least, and of those the smallest.
std::size_t MemoryPlan::take_slot(const Storage& storage) {
  const Field field = field_of(storage);
  const std::size_t needed = storage.row_bytes * std::max<std::size_t>(1, storage.row_limit);
  const auto better = [&](const Slot& slot, const Slot& other) {
    const bool fits = slot.*field >= needed;
    const bool other_fits = other.*field >= needed;
    if (fits != other_fits) return fits;
    return fits ? slot.*field < other.*field : slot.*field > other.*field;
  };
  std::size_t best = slots_.size();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].last >= storage.first) continue;
    if (best == slots_.size() || better(slots_[i], slots_[best])) best = i;
  }
  if (best == slots_.size()) slots_.emplace_back();
  Slot& slot = slots_[best];
  slot.*field = std::max(slot.*field, needed);
  slot.last = storage.last;
  return best;
}

MemoryPlan::Layout MemoryPlan::layout(std::size_t tokens, std::size_t sequences) const {
  std::vector<std::size_t> starts;
  Layout result;
  for (const Slot& slot : slots_) {
    starts.push_back(result.size);
    const std::size_t bytes =
        std::max({slot.token_bytes * tokens, slot.sequence_bytes * sequences, slot.fixed_bytes});
    result.size += (bytes + k_alignment - 1) / k_alignment * k_alignment + k_alignment;
  }
  for (const std::size_t slot : slot_of_) result.offsets.push_back(starts[slot]);
  return result;
}

}  // namespace hasten::engine
