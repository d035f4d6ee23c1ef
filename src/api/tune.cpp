#include <hasten/tune.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "api/json_object.h"
#include "api/model_source.h"
#include "api/open_classifier.h"
#include "api/plan_runner.h"
#include "base/error.h"
#include "fidelity/budget.h"
#include "fidelity/comparison.h"
#include "fidelity/search_rows.h"
#include "fidelity/tuning.h"
#include "graph/model_metadata.h"
#include "graph/to_onnx.h"

namespace hasten {
namespace {

using api::PlanRun;
using api::PlanRunner;
using fidelity::Assignment;
using fidelity::Move;

constexpr std::size_t k_most_sample = 384,
                      k_least_sample = 48;    // texts that sensitivity is measured on
constexpr double k_sensitivity_share = 0.35;  // of the time limit
constexpr std::size_t k_attempts = 6;         // at single moves behind the bisection
constexpr int k_most_steps_back = 4;          // when all texts tell otherwise

class Tuning {
 public:
  Tuning(const TuneOptions& options, const VerifyProgress& progress)
      : options_(options),
        progress_(progress),
        start_(Clock::now()),
        budget_(fidelity::parse_budget(options.budget)),
        graph_(api::load_model(options.model, options.model_options.function, options.model_options.tokenizer)),
        runner_(graph_, options.model_options) {}

  TuneReport run();

 private:
  using Clock = std::chrono::steady_clock;

  struct Measured {
    double seconds = 0;
    double figure = 0;
    bool holds = false;
  };

  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  void say(const std::string& stage, std::uint64_t done = 0, std::uint64_t total = 0) const {
    if (progress_) progress_(stage, done, total);
  }
  void read_texts();
  void score_reference();
  void choose_rows();
  std::vector<TextRow> rows_at(const std::vector<std::size_t>& indexes) const;
  const Measured& measure(const Assignment& assignment);
  std::vector<Move> measure_sensitivity(const Assignment& start);
  std::vector<std::size_t> sample_rows(std::size_t products) const;
  double error_between(const fidelity::Scores& a, const fidelity::Scores& b) const;
  Assignment find();
  void check_on_all(Assignment& best, const Assignment& start, const std::vector<Move>& ordered);
  void measure_speeds(const Assignment& best);
  void describe(const Assignment& best);
  void write(const Assignment& best);

  const TuneOptions& options_;
  const VerifyProgress& progress_;
  Clock::time_point start_;
  std::vector<fidelity::BudgetClause> budget_;
  graph::Graph graph_;
  PlanRunner runner_;
  std::vector<TextRow> rows_;
  fidelity::Scores reference_;
  std::vector<std::size_t> deciding_;  // indexes of the rows that the search runs
  std::vector<TextRow> deciding_rows_;
  double reference_seconds_ = 0;  // wall time of the pass over all rows
  std::map<Assignment, Measured> measured_;
  std::vector<Assignment> order_;  // in which they were measured
  TuneReport report_;
};

TuneReport Tuning::run() {
  report_.model = options_.model;
  report_.budget = options_.budget;
  read_texts();
  score_reference();
  choose_rows();
  const Assignment best = find();
  measure_speeds(best);
  describe(best);
  if (!options_.output.empty()) write(best);
  report_.seconds = elapsed();
  return std::move(report_);
}

void Tuning::read_texts() {
  const auto reader = open_texts(options_.input, options_.texts);
  std::vector<TextRow> rows;
  const std::size_t limit = options_.limit == 0 ? static_cast<std::size_t>(-1) : options_.limit;
  for (bool more = true; more && rows_.size() < limit;) {
    rows.clear();
    more = reader->read(rows, 4096);
    for (TextRow& row : rows) {
      if (has_text(row.status) && rows_.size() < limit) rows_.push_back(std::move(row));
    }
  }
  if (rows_.empty()) fail(ErrorCode::k_bad_data, "there are no texts", options_.input);
  report_.texts = rows_.size();
}

void Tuning::score_reference() {
  const double before = elapsed();
  PlanRun run = runner_.run(runner_.uniform(Precision::k_float32), rows_, [&](std::size_t done) {
    say("scoring the texts in fp32", done, rows_.size());
  });
  reference_seconds_ = elapsed() - before;
  reference_ = std::move(run.scores);
  for (std::size_t row = 0; row < reference_.rows; ++row) {
    if (!is_scored(reference_, row)) {
      fail(ErrorCode::k_bad_data, "a text has no finite scores in fp32",
           fmt::format("row {}", rows_[row].number), {}, "Leave the text out.");
    }
  }
}

void Tuning::choose_rows() {
  // A budget that asks for what is not there is refused before the long work.
  check_budget(budget_, compare(reference_, reference_, {{0.5}, 0, 0}), rows_.size());
  deciding_ = rows_that_decide(budget_, reference_);
  deciding_rows_ = rows_at(deciding_);
}

std::vector<TextRow> Tuning::rows_at(const std::vector<std::size_t>& indexes) const {
  std::vector<TextRow> rows;
  for (const std::size_t index : indexes) rows.push_back(rows_[index]);
  return rows;
}

const Tuning::Measured& Tuning::measure(const Assignment& assignment) {
  const auto found = measured_.find(assignment);
  if (found != measured_.end()) return found->second;
  say("measuring: " + runner_.summary(assignment));
  const PlanRun run = runner_.run(assignment, deciding_rows_);
  const fidelity::Scores scores = with_rows(reference_, deciding_, run.scores);
  const auto results =
      check_budget(budget_, compare(reference_, scores, {{0.5}, 0, 0}), rows_.size());
  order_.push_back(assignment);
  return measured_[assignment] = {run.seconds, results[0].measured.value,
                                  fidelity::all_hold(results)};
}

// As many as the share of the time limit allows, from the rows that decide, evenly.
std::vector<std::size_t> Tuning::sample_rows(std::size_t products) const {
  const double seconds_per_row = reference_seconds_ / static_cast<double>(rows_.size());
  const double affordable =
      options_.time_limit * k_sensitivity_share / (static_cast<double>(products) * seconds_per_row);
  const auto wanted = static_cast<std::size_t>(std::clamp(
      affordable, static_cast<double>(k_least_sample), static_cast<double>(k_most_sample)));
  const std::size_t count = std::min(wanted, deciding_.size());
  std::vector<std::size_t> sample;
  for (std::size_t i = 0; i < count; ++i) sample.push_back(deciding_[i * deciding_.size() / count]);
  return sample;
}

double Tuning::error_between(const fidelity::Scores& a, const fidelity::Scores& b) const {
  double sum = 0;
  for (std::size_t i = 0; i < a.classes(); ++i) {
    const auto left = margins_of(a, i);
    const auto right = margins_of(b, i);
    for (std::size_t row = 0; row < left.size(); ++row)
      sum += (left[row] - right[row]) * (left[row] - right[row]);
  }
  return sum / static_cast<double>(a.rows * a.classes());
}

std::vector<Move> Tuning::measure_sensitivity(const Assignment& start) {
  const std::size_t products = runner_.products().size();
  const auto sample = rows_at(sample_rows(products));
  const fidelity::Scores before = runner_.run(start, sample).scores;
  const Precision level = start[0];
  const double at_start = measure(start).seconds,
               at_int8 = measure(runner_.uniform(Precision::k_int8)).seconds;
  const double of_reference = measure(runner_.uniform(Precision::k_float32)).seconds;
  const auto shares = runner_.shares(24);
  std::vector<Move> moves;
  for (std::size_t i = 0; i < products; ++i) {
    say("measuring the sensitivity of " + runner_.products()[i], i, products);
    Assignment changed = start;
    changed[i] = Precision::k_int8;
    const double error = error_between(before, runner_.run(changed, sample).scores);
    const double saving = shares[i] * std::max(1e-9, at_start - at_int8) / of_reference;
    moves.push_back({i, Precision::k_int8, error, saving});
    report_.sensitivities.push_back(
        {runner_.products()[i], Precision::k_int8, error, saving, level});
  }
  return moves;
}

Assignment Tuning::find() {
  const Assignment reference = runner_.uniform(Precision::k_float32);
  measure(reference);
  Assignment start = reference;
  if (runner_.has_bfloat16() && measure(runner_.uniform(Precision::k_bfloat16)).holds) {
    start = runner_.uniform(Precision::k_bfloat16);
  } else if (runner_.has_bfloat16()) {
    report_.notes.push_back(
        "bf16 everywhere does not hold the budget: fp32 is the other precision.");
  }
  const auto ordered = fidelity::order_moves(measure_sensitivity(start));
  const double deadline = options_.time_limit - reference_seconds_;
  bool in_time = true;
  Assignment best = fidelity::search(
      start, ordered,
      [&](const Assignment& assignment) -> std::optional<fidelity::Evaluation> {
        in_time = measured_.contains(assignment) || elapsed() < deadline;
        if (!in_time) return std::nullopt;
        return fidelity::Evaluation{measure(assignment).holds};
      },
      k_attempts);
  if (!in_time)
    report_.notes.push_back(
        "The search was stopped at the time limit: a longer one may find a faster plan.");
  check_on_all(best, start, ordered);
  return best;
}

// The search ran the rows that decide; all rows have the last word. Steps back where they say no.
void Tuning::check_on_all(Assignment& best, const Assignment& start,
                          const std::vector<Move>& ordered) {
  for (int step = 0;; ++step) {
    say("checking on all texts: " + runner_.summary(best));
    const PlanRun run = runner_.run(
        best, rows_, [&](std::size_t done) { say("checking on all texts", done, rows_.size()); });
    report_.clauses =
        check_budget(budget_, compare(reference_, run.scores, {{0.5}, 500, 0}), rows_.size());
    if (fidelity::all_hold(report_.clauses) || best == runner_.uniform(Precision::k_float32))
      return;
    if (best == start) {
      best = runner_.uniform(Precision::k_float32);
      continue;
    }
    if (step == k_most_steps_back) {
      best = start;
      continue;
    }
    for (auto move = ordered.rbegin(); move != ordered.rend(); ++move) {
      if (best[move->product] == start[move->product]) continue;
      best[move->product] = start[move->product];
      break;
    }
  }
}

// In turns, the quicker of two: what runs beside this process hits all of them alike.
void Tuning::measure_speeds(const Assignment& best) {
  std::map<std::string, double> least;
  const auto time = [&](const std::string& name, const Assignment& assignment) {
    const double seconds = runner_.run(assignment, deciding_rows_).seconds;
    const auto [place, is_new] = least.try_emplace(name, seconds);
    if (!is_new) place->second = std::min(place->second, seconds);
  };
  for (int i = 0; i < 2; ++i) {
    say("comparing speeds", static_cast<std::uint64_t>(i), 2);
    time("fp32", runner_.uniform(Precision::k_float32));
    if (runner_.has_bfloat16()) time("bf16", runner_.uniform(Precision::k_bfloat16));
    time("int8", runner_.uniform(Precision::k_int8));
    time("best", best);
  }
  report_.speed_over_fp32 = least["fp32"] / least["best"];
  if (!runner_.has_bfloat16()) return;
  report_.speed_over_bf16 = least["bf16"] / least["best"];
  report_.int8_over_bf16 = least["bf16"] / least["int8"];
}

void Tuning::describe(const Assignment& best) {
  const double of_reference = measured_[runner_.uniform(Precision::k_float32)].seconds;
  for (const Assignment& assignment : order_) {
    const Measured& measured = measured_[assignment];
    report_.points.push_back({runner_.summary(assignment), of_reference / measured.seconds,
                              measured.figure, measured.holds, assignment == best});
  }
  report_.plan = runner_.summary(best);
  for (std::size_t i = 0; i < best.size(); ++i) {
    report_.products.emplace_back(runner_.products()[i], best[i]);
    report_.sensitivities[i].chosen = best[i];
  }
  if (!fidelity::all_hold(report_.clauses))
    report_.notes.push_back("Not even fp32 holds the budget.");
}

void Tuning::write(const Assignment& best) {
  auto metadata = graph::read_metadata(graph_.metadata);
  if (!metadata)
    fail(ErrorCode::k_unsupported, "the model carries no metadata of Hasten's", options_.model);
  metadata->precision_plan = engine::to_json(runner_.plan_of(best));
  api::JsonObject clauses;
  for (const BudgetResult& clause : report_.clauses)
    clauses.add(clause.clause, clause.measured.value);
  metadata->measured_fidelity =
      api::JsonObject()
          .add("budget", options_.budget)
          .add("measured", clauses)
          .add("texts", report_.texts)
          .add("speed_over_fp32", std::round(report_.speed_over_fp32 * 100) / 100)
          .str();
  graph::write_metadata(*metadata, graph_.metadata);
  graph::save_onnx(graph_, options_.output);
}

}  // namespace

TuneReport tune(const TuneOptions& options, const VerifyProgress& progress) {
  return Tuning(options, progress).run();
}

}  // namespace hasten
