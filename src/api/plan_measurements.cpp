#include "api/plan_measurements.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "fidelity/comparison.h"
#include "fidelity/search_rows.h"

namespace hasten::api {
namespace {

using fidelity::Assignment;

constexpr std::size_t k_resamples = 500;

std::vector<std::size_t> evenly(const std::vector<std::size_t>& from, std::size_t count) {
  count = std::min(count, from.size());
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(from[i * from.size() / count]);
  return chosen;
}

}  // namespace

PlanMeasurements::PlanMeasurements(const PlanRunner& runner, const std::string& budget,
                                   std::vector<TextRow> rows, const VerifyProgress& progress)
    : runner_(runner),
      progress_(progress),
      budget_(fidelity::parse_budget(budget)),
      rows_(std::move(rows)) {
  score_reference();
  // Refuses a budget that asks for what is not there before the long work.
  const Assignment reference = runner_.uniform(Precision::k_float32);
  remember(reference, check(reference_, 0));
  deciding_ = rows_that_decide(budget_, reference_);
  for (std::size_t row = 0, next = 0; row < rows_.size(); ++row) {
    if (next < deciding_.size() && deciding_[next] == row) {
      ++next;
    } else {
      others_.push_back(row);
    }
  }
}

void PlanMeasurements::score_reference() {
  PlanRun run = runner_.run(runner_.uniform(Precision::k_float32), rows_, [&](std::size_t done) {
    say("scoring the texts in fp32", done, rows_.size());
  });
  processor_seconds_ = run.seconds;
  reference_ = std::move(run.scores);
  for (std::size_t row = 0; row < reference_.rows; ++row) {
    if (is_scored(reference_, row)) continue;
    fail(ErrorCode::k_bad_data, "a text has no finite scores in fp32",
         fmt::format("row {}", rows_[row].number), {}, "Leave the text out.");
  }
}

std::vector<TextRow> PlanMeasurements::rows_at(const Indexes& indexes) const {
  std::vector<TextRow> rows;
  for (const std::size_t index : indexes) rows.push_back(rows_[index]);
  return rows;
}

std::vector<BudgetResult> PlanMeasurements::check(const fidelity::Scores& scores,
                                                  std::size_t resamples) const {
  return check_budget(budget_, compare(reference_, scores, {{0.5}, resamples, 0}), rows_.size());
}

const PlanFidelity& PlanMeasurements::on_deciding_texts(const Assignment& plan) {
  const auto found = known_.find(plan);
  if (found != known_.end()) return found->second;
  const std::string stage = "measuring: " + runner_.summary(plan);
  say(stage);
  PlanRun run = runner_.run(plan, rows_at(deciding_),
                            [&](std::size_t done) { say(stage, done, deciding_.size()); });
  const PlanFidelity& fidelity =
      remember(plan, check(with_rows(reference_, deciding_, run.scores), 0));
  if (fidelity.holds) {
    kept_ = plan;
    kept_scores_ = std::move(run.scores);
  }
  return fidelity;
}

const PlanFidelity& PlanMeasurements::remember(const Assignment& plan,
                                               const std::vector<BudgetResult>& results) {
  if (!known_.contains(plan)) order_.push_back(plan);
  return known_[plan] = {results[0].measured.value, fidelity::share_used(results),
                         fidelity::all_hold(results)};
}

std::vector<BudgetResult> PlanMeasurements::on_all_texts(const Assignment& plan) {
  if (plan == runner_.uniform(Precision::k_float32)) return check(reference_, k_resamples);
  Indexes all = others_;
  if (plan != kept_) all.insert(all.end(), deciding_.begin(), deciding_.end());
  const std::string stage = "checking on all texts: " + runner_.summary(plan);
  say(stage, 0, all.size());
  const PlanRun run =
      runner_.run(plan, rows_at(all), [&](std::size_t done) { say(stage, done, all.size()); });
  fidelity::Scores scores = with_rows(reference_, all, run.scores);
  if (plan == kept_) scores = with_rows(scores, deciding_, kept_scores_);
  std::vector<BudgetResult> results = check(scores, k_resamples);
  remember(plan, results);
  return results;
}

std::vector<TextRow> PlanMeasurements::sample(std::size_t count) const {
  Indexes all(rows_.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return rows_at(evenly(all, count));
}

std::vector<TextRow> PlanMeasurements::deciding_sample(std::size_t count) const {
  return rows_at(evenly(deciding_, count));
}

}  // namespace hasten::api
