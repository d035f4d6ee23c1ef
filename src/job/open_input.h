// The rows of an input, as a plan wants them.
#pragma once

#include <memory>

#include "data/text_reader.h"
#include "job/label_plan.h"

namespace hasten::job {

// With the columns that are kept, and only the rows that pass the plan's conditions. Throws what
// data::open_reader throws.
std::unique_ptr<data::RowReader> open_input(const LabelPlan& plan, const data::InputFile& input);

}  // namespace hasten::job
