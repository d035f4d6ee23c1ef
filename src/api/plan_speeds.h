// How fast plans are, by processor time on one set of texts.
#pragma once

#include <map>
#include <vector>

#include <hasten/texts.h>

#include "api/plan_runner.h"
#include "fidelity/tuning.h"

namespace hasten::api {

class PlanSpeeds {
 public:
  // `runner` must outlive it.
  PlanSpeeds(const PlanRunner& runner, std::vector<TextRow> texts)
      : runner_(runner), texts_(std::move(texts)) {}

  // Runs each, in turns with the others of the call: what runs beside this process hits all of them
  // alike. The least time of all turns counts.
  void time(const std::vector<fidelity::Assignment>& plans);

  // Processor seconds; of a plan that was not timed reckoned from the plans of one precision, which
  // were, by each product's share of the operations.
  double seconds(const fidelity::Assignment& plan) const;

 private:
  const PlanRunner& runner_;
  std::vector<TextRow> texts_;
  std::map<fidelity::Assignment, double> least_;
};

}  // namespace hasten::api
