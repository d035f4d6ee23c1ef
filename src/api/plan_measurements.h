// What plans do to the scores of the user's texts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <hasten/texts.h>
#include <hasten/verify.h>

#include "api/plan_runner.h"
#include "fidelity/budget.h"
#include "fidelity/scores.h"
#include "fidelity/tuning.h"

namespace hasten::api {

// What a plan keeps of the reference: on all texts once it was run on all, else on those that
// decide, the others taken to be unchanged.
struct PlanFidelity {
  double figure = 0;  // of the budget's first clause
  double used = 0;    // share of the budget
  bool holds = false;
};

// Scores `rows` in fp32 when made, and measures plans against that. A text's scores do not depend
// on its batch mates, so that what was scored for the search is not scored again for the last
// check.
class PlanMeasurements {
 public:
  // `runner` must outlive it. Throws k_usage for a budget that asks for what is not there,
  // k_bad_data for a text without finite scores.
  PlanMeasurements(const PlanRunner& runner, const std::string& budget, std::vector<TextRow> rows,
                   const VerifyProgress& progress);

  // Measured once, then remembered.
  const PlanFidelity& on_deciding_texts(const fidelity::Assignment& plan);
  bool is_known(const fidelity::Assignment& plan) const { return known_.contains(plan); }
  // In the order in which they were measured, fp32 first.
  const std::vector<fidelity::Assignment>& measured() const { return order_; }

  // All clauses, with intervals.
  std::vector<BudgetResult> on_all_texts(const fidelity::Assignment& plan);

  // At most so many of all texts or of those that decide, evenly.
  std::vector<TextRow> sample(std::size_t count) const;
  std::vector<TextRow> deciding_sample(std::size_t count) const;

  std::size_t texts() const { return rows_.size(); }
  double reference_processor_seconds() const { return processor_seconds_; }

 private:
  using Indexes = std::vector<std::size_t>;

  void say(const std::string& stage, std::uint64_t done = 0, std::uint64_t total = 0) const {
    if (progress_) progress_(stage, done, total);
  }
  void score_reference();
  std::vector<TextRow> rows_at(const Indexes& indexes) const;
  const PlanFidelity& remember(const fidelity::Assignment& plan,
                               const std::vector<BudgetResult>& results);
  std::vector<BudgetResult> check(const fidelity::Scores& scores, std::size_t resamples) const;

  const PlanRunner& runner_;
  const VerifyProgress& progress_;
  std::vector<fidelity::BudgetClause> budget_;
  std::vector<TextRow> rows_;
  fidelity::Scores reference_;
  double processor_seconds_ = 0;  // of the pass that made the reference
  Indexes deciding_, others_;     // rows, rising
  std::map<fidelity::Assignment, PlanFidelity> known_;
  std::vector<fidelity::Assignment> order_;
  // The last plan that held, which is most often the one that is checked on all texts.
  fidelity::Assignment kept_;
  fidelity::Scores kept_scores_;  // of the deciding rows
};

}  // namespace hasten::api
