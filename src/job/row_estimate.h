// How many rows inputs have, without reading them all.
#pragma once

#include <cstdint>

#include "job/label_plan.h"

namespace hasten::job {

struct RowEstimate {
  std::uint64_t rows = 0;
  bool is_exact = true;  // else from the rows per byte of what was looked at
};

// Of the inputs of the plan's shard, before any condition. Parquet says how many there are; of
// other formats the first rows are read; of many inputs some are looked at. Throws what opening and
// reading an input throws.
RowEstimate estimate_rows(const LabelPlan& plan);

}  // namespace hasten::job
