// What a search for precisions measured, as its report tells it.
#pragma once

#include <hasten/tune.h>

#include "api/plan_measurements.h"
#include "api/plan_runner.h"
#include "api/plan_speeds.h"
#include "fidelity/tuning.h"

namespace hasten::api {

// Fills in the points, the chosen plan and its speeds, and what was chosen for each product whose
// sensitivity is in the report. `speeds` knows the plans of one precision and `best`; the report's
// clauses are those of `best`.
void describe_plans(const PlanRunner& runner, PlanMeasurements& measurements,
                    const PlanSpeeds& speeds, const fidelity::Assignment& best, TuneReport& report);

}  // namespace hasten::api
