// What follows from the length of a text alone, computed once for each length.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/generic/plan.h"
#include "graph/fixed_sizes.h"

namespace hasten::engine::generic {

// The arrays of the plan's length_values(), in their order.
using LengthArrays = std::vector<Array>;

// Shared by all streams of a plan; keeps the lengths that were used last within a limit of memory.
class LengthCache {
 public:
  LengthCache(const Plan& plan, const graph::FixedSizes& sizes) : plan_(plan), sizes_(sizes) {}

  // Of texts of `length` tokens; computed where they are not kept. `refuses_half`: as of run_step().
  std::shared_ptr<const LengthArrays> of_length(std::size_t length, bool refuses_half = false);

 private:
  struct Entry {
    std::size_t length;
    std::size_t bytes;
    std::shared_ptr<const LengthArrays> arrays;
  };
  std::shared_ptr<const LengthArrays> compute(std::size_t length, bool refuses_half) const;
  void keep(Entry entry);

  const Plan& plan_;
  const graph::FixedSizes sizes_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the one that was used last first
  std::size_t bytes_ = 0;
};

}  // namespace hasten::engine::generic
