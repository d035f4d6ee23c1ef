// A short try of a job, which writes nothing.
#pragma once

#include <cstdint>
#include <string>

#include "job/label_plan.h"

namespace hasten::job {

struct Probe {
  std::uint64_t rows = 0;
  std::uint64_t tokens = 0;
  double seconds = 0;
  std::string text_column;  // of the first input
  std::string id_column;
};

// Labels rows of the shard's first inputs for about so many seconds, or until there are no more.
// Throws what opening and reading them throws.
Probe probe(const LabelPlan& plan, double seconds);

}  // namespace hasten::job
