// What computing one matrix product alone in a lower precision does to the scores.
#pragma once

#include <functional>
#include <vector>

#include <hasten/texts.h>
#include <hasten/verify.h>

#include "api/plan_runner.h"
#include "api/plan_speeds.h"
#include "fidelity/tuning.h"

namespace hasten::api {

// A move to `low` for each product that takes part in the time that this saves over `start`, in
// which those have one precision: the error is the mean square of the change of the margins on `texts`, the
// saving a share of fp32's time. Products that hardly take part (a pooler, a classifier, what the
// last layer computes of one token) are no moves: they keep their exactness for nothing. Fewer
// moves when `in_time` says no.
std::vector<fidelity::Move> measure_sensitivity(const PlanRunner& runner, const PlanSpeeds& speeds,
                                                const fidelity::Assignment& start, Precision low,
                                                const std::vector<TextRow>& texts,
                                                const VerifyProgress& progress,
                                                const std::function<bool()>& in_time);

// The products that the moves would be of.
std::vector<std::size_t> products_that_count(const PlanRunner& runner);

}  // namespace hasten::api
