// The plan of a bulk job, of what it was told and what was found.
#pragma once

#include <hasten/label.h>

#include <vector>

#include "api/label_inputs.h"
#include "api/label_model.h"
#include "job/label_plan.h"

namespace hasten::api {

// The models must outlive the plan. Throws k_usage for conditions that are none.
job::LabelPlan make_label_plan(const LabelOptions& options, const LabelFiles& files,
                               const std::vector<OpenLabelModel>& models);

// Throws k_usage for a shard that is none, or of a job with one output file.
void check_shard(const LabelOptions& options, bool into_file);

}  // namespace hasten::api
