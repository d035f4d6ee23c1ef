// Runs the steps of a plan for several texts at once: every step for all of them before the next one.
#pragma once

#include <span>
#include <vector>

#include "engine/generic/plan.h"

namespace hasten::engine::generic {

// The arrays of so many texts, by value.
class ArraySlots {
 public:
  void reset(std::size_t values, std::size_t texts) {
    texts_ = texts;
    arrays_.assign(values * texts, Array{});
  }
  std::size_t texts() const { return texts_; }
  Array& at(graph::ValueId id, std::size_t text) {
    return arrays_[static_cast<std::size_t>(id) * texts_ + text];
  }
  void release(graph::ValueId id) {
    for (std::size_t text = 0; text < texts_; ++text) at(id, text) = Array{};
  }

 private:
  std::size_t texts_ = 0;
  std::vector<Array> arrays_;
};

// Whether the engine's own body computed the step, and not the interpreter. With `refuses_half` it throws
// ComputesInHalf where a step rounds to 16 bits.
bool run_step(const Plan& plan, const Step& step, Workbench& bench, ArraySlots& slots,
              bool refuses_half);

}  // namespace hasten::engine::generic
