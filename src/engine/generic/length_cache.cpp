#include "engine/generic/length_cache.h"

#include <algorithm>

#include "engine/generic/step_runner.h"
#include "engine/generic/token_inputs.h"

namespace hasten::engine::generic {
namespace {

constexpr std::size_t k_most_bytes = std::size_t{256} << 20;

std::size_t bytes_of(const LengthArrays& arrays) {
  std::size_t bytes = 0;
  for (const Array& array : arrays)
    bytes += array.reals.size_bytes() + array.integers.size_bytes() + sizeof(Array);
  return bytes;
}

}  // namespace

std::shared_ptr<const LengthArrays> LengthCache::of_length(std::size_t length, bool refuses_half) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.length == length; });
    if (found != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, found);
      return found->arrays;
    }
  }
  // Two streams may compute the same.
  auto arrays = compute(length, refuses_half);
  keep({length, bytes_of(*arrays), arrays});
  return arrays;
}

void LengthCache::keep(Entry entry) {
  const std::lock_guard lock(mutex_);
  const auto is_same = [&](const Entry& kept) { return kept.length == entry.length; };
  if (std::any_of(entries_.begin(), entries_.end(), is_same)) return;
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  while (bytes_ > k_most_bytes && entries_.size() > 1) {
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
  }
}

std::shared_ptr<const LengthArrays> LengthCache::compute(std::size_t length,
                                                         bool refuses_half) const {
  Workbench bench(plan_.kernels());
  ArraySlots slots;
  slots.reset(plan_.graph().value_count(), 1);
  set_length_inputs(plan_.graph(), sizes_, length, slots);
  for (const Step& step : plan_.length_steps()) run_step(plan_, step, bench, slots, refuses_half);
  auto arrays = std::make_shared<LengthArrays>();
  for (const graph::ValueId id : plan_.length_values()) arrays->push_back(slots.at(id, 0));
  slots.reset(0, 0);
  bench.pool.give_back();  // the arrays keep the pool
  return arrays;
}

}  // namespace hasten::engine::generic
