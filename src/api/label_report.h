// What came of a run of a bulk job, for its caller and for the job's log.
#pragma once

#include <hasten/label.h>

#include <string>

#include "api/label_inputs.h"
#include "job/label_job.h"

namespace hasten::api {

LabelReport report_of(const job::RunReport& run, const job::LabelPlan& plan,
                      const LabelFiles& files, double seconds);

// What depends on the machine and the moment goes here and nowhere else. `engine` describes what
// computed.
void write_label_log(job::JobFolder& folder, const LabelOptions& options, const LabelReport& report,
                     const std::string& engine);

}  // namespace hasten::api
