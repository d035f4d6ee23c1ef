#include <hasten/tune.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "api/model_source.h"
#include "api/plan_measurements.h"
#include "api/plan_report.h"
#include "api/plan_runner.h"
#include "api/plan_sensitivity.h"
#include "api/plan_speeds.h"
#include "api/tuned_model.h"
#include "base/error.h"

namespace hasten {
namespace {

using api::PlanMeasurements;
using api::PlanRunner;
using api::PlanSpeeds;
using fidelity::Assignment;
using fidelity::Move;

constexpr double k_timed_seconds = 2;  // of fp32, what a timing runs
constexpr std::size_t k_least_timed = 64;
constexpr int k_most_turns = 4;
constexpr std::size_t k_most_sample = 128,
                      k_least_sample = 48;    // texts that sensitivity is measured on
constexpr double k_sensitivity_share = 0.15;  // of the time limit, on an idle machine less
constexpr std::size_t k_attempts = 4;         // at single moves behind the search
constexpr int k_most_steps_back = 4;          // when all texts tell otherwise

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<TextRow> read_texts(const TuneOptions& options) {
  const auto reader = open_texts(options.input, options.texts);
  std::vector<TextRow> rows, read;
  const std::size_t limit = options.limit == 0 ? static_cast<std::size_t>(-1) : options.limit;
  for (bool more = true; more && rows.size() < limit;) {
    read.clear();
    more = reader->read(read, 4096);
    for (TextRow& row : read) {
      if (has_text(row.status) && rows.size() < limit) rows.push_back(std::move(row));
    }
  }
  if (rows.empty()) fail(ErrorCode::k_bad_data, "there are no texts", options.input);
  return rows;
}

class Tuning {
 public:
  // Scores the texts in fp32.
  Tuning(const TuneOptions& options, const VerifyProgress& progress)
      : options_(options),
        progress_(progress),
        graph_(api::load_model(options.model, options.model_options.function,
                               options.model_options.tokenizer)),
        runner_(graph_, options.model_options),
        fp32_(runner_.uniform(Precision::k_float32)),
        bf16_(runner_.uniform(Precision::k_bfloat16)),
        int8_(runner_.uniform(Precision::k_int8)),
        int8_plain_(runner_.uniform(Precision::k_int8_plain)),
        base_(fp32_),
        measurements_(runner_, options.budget, read_texts(options), progress),
        reference_seconds_(seconds_since(start_)),
        speeds_(runner_, measurements_.sample(timed_texts())) {}

  TuneReport run();

 private:
  double seconds_per_text() const {
    return measurements_.reference_processor_seconds() / static_cast<double>(measurements_.texts());
  }
  std::size_t timed_texts() const {
    return std::max(k_least_timed, static_cast<std::size_t>(k_timed_seconds / seconds_per_text()));
  }
  // The last check takes no longer than the pass in fp32 did.
  bool in_time() const { return seconds_since(start_) < options_.time_limit - reference_seconds_; }
  void note(std::string text) { report_.notes.push_back(std::move(text)); }
  void compare_speeds(std::vector<Assignment> plans);
  bool bfloat16_holds() {
    return runner_.has_bfloat16() && measurements_.on_deciding_texts(bf16_).holds;
  }
  Assignment choose_base();
  Precision choose_lower();
  std::vector<Move> measure_moves(const Assignment& start, Precision low);
  bool is_faster(const Assignment& plan, const Assignment& start);
  std::vector<Move> every_move(Precision low) const;
  Assignment wherever_it_pays(const Assignment& start, Precision low) const;
  Assignment find();
  Assignment go_down(const Assignment& start, Precision low);
  Assignment search(const Assignment& start, const std::vector<Move>& ordered);
  Assignment check_on_all(Assignment best, const Assignment& start,
                          const std::vector<Move>& ordered);

  const TuneOptions& options_;
  const VerifyProgress& progress_;
  Clock::time_point start_ = Clock::now();
  graph::Graph graph_;
  PlanRunner runner_;
  Assignment fp32_, bf16_, int8_, int8_plain_;
  Assignment base_;  // bf16 where it holds the budget and saves time, else fp32
  PlanMeasurements measurements_;
  double reference_seconds_;  // wall time of reading and of the pass over all rows
  PlanSpeeds speeds_;
  TuneReport report_;
};

TuneReport Tuning::run() {
  base_ = choose_base();
  const Assignment best = find();
  for (int turn = 0; turn < 2; ++turn) compare_speeds({best});
  report_.model = options_.model;
  report_.budget = options_.budget;
  api::describe_plans(runner_, measurements_, speeds_, best, report_);
  if (!options_.output.empty())
    api::save_tuned_model(graph_, runner_.plan_of(best), report_, options_.output);
  report_.seconds = seconds_since(start_);
  return std::move(report_);
}

// Beside the plans of one precision, which others are reckoned from.
void Tuning::compare_speeds(std::vector<Assignment> plans) {
  if (progress_) progress_("comparing speeds", 0, 0);
  plans.insert(plans.end(), {fp32_, int8_, int8_plain_});
  if (runner_.has_bfloat16()) plans.push_back(bf16_);
  std::sort(plans.begin(), plans.end());
  plans.erase(std::unique(plans.begin(), plans.end()), plans.end());
  speeds_.time(plans);
}

// The precision of what is kept out of the lower ones. Not every processor that has bf16 computes
// faster in it.
Assignment Tuning::choose_base() {
  if (!bfloat16_holds()) return fp32_;
  return is_faster(bf16_, fp32_) ? bf16_ : fp32_;
}

// Where bf16 is too coarse int8 is more so.
Precision Tuning::choose_lower() {
  const bool int8_holds = measurements_.on_deciding_texts(int8_).holds;
  if (!runner_.has_bfloat16() || bfloat16_holds() || int8_holds) return Precision::k_int8;
  note("bf16 everywhere does not hold the budget: it is mixed with fp32, and int8 is left out.");
  return Precision::k_bfloat16;
}

std::vector<Move> Tuning::measure_moves(const Assignment& start, Precision low) {
  const double products = static_cast<double>(products_that_count(runner_).size());
  const double seconds_per_text = reference_seconds_ / static_cast<double>(measurements_.texts());
  const double affordable =
      options_.time_limit * k_sensitivity_share / (products * seconds_per_text);
  const auto count = static_cast<std::size_t>(std::clamp(
      affordable, static_cast<double>(k_least_sample), static_cast<double>(k_most_sample)));
  std::vector<Move> moves =
      measure_sensitivity(runner_, speeds_, start, low, measurements_.deciding_sample(count),
                          progress_, [this] { return in_time(); });
  if (static_cast<double>(moves.size()) < products) {
    note(fmt::format(
        "The time limit was reached when {} of {} products had been measured: the others "
        "stay as they are.",
        moves.size(), products));
  }
  for (const Move& move : moves) {
    report_.sensitivities.push_back({runner_.products()[move.product], move.precision, move.error,
                                     move.saving, start[move.product]});
  }
  return fidelity::order_moves(std::move(moves));
}

// To `low` in each product that takes part in the time.
std::vector<Move> Tuning::every_move(Precision low) const {
  std::vector<Move> every;
  for (const std::size_t product : products_that_count(runner_))
    every.push_back({product, low, 0, 1});
  return every;
}

// Notes where not. What other processes do must not look like a slow precision: it is timed again
// before it is given up.
bool Tuning::is_faster(const Assignment& plan, const Assignment& start) {
  for (int turn = 0; turn < k_most_turns; ++turn) {
    compare_speeds({start, plan});
    if (speeds_.seconds(plan) < speeds_.seconds(start)) return true;
  }
  note(fmt::format("{} is not faster than {} on this processor.", runner_.summary(plan),
                   runner_.summary(start)));
  return false;
}

Assignment Tuning::wherever_it_pays(const Assignment& start, Precision low) const {
  const std::vector<Move> every = every_move(low);
  return after_moves(start, every, every.size());
}

// int8-plain is the fastest there is. Where that is too coarse and int8 is not, the two are mixed;
// where both are, the better one with what is above them.
Assignment Tuning::find() {
  const Precision low = choose_lower();
  if (low != Precision::k_int8) return go_down(base_, low);
  const Assignment plain = wherever_it_pays(base_, Precision::k_int8_plain);
  const Assignment full = wherever_it_pays(base_, Precision::k_int8);
  const api::PlanFidelity of_plain = measurements_.on_deciding_texts(plain);
  if (of_plain.holds) return go_down(base_, Precision::k_int8_plain);
  const api::PlanFidelity of_full = measurements_.on_deciding_texts(full);
  if (of_full.holds) return go_down(full, Precision::k_int8_plain);
  return go_down(base_, of_plain.used < of_full.used ? Precision::k_int8_plain : Precision::k_int8);
}

// From `start`, which holds the budget or is the last resort.
Assignment Tuning::go_down(const Assignment& start, Precision low) {
  if (!is_faster(runner_.uniform(low), start)) return check_on_all(start, start, {});
  report_.lowest = low;
  const Assignment fastest = wherever_it_pays(start, low);
  if (measurements_.on_deciding_texts(fastest).holds) {
    note(
        fmt::format("{} wherever it saves time holds the budget{}", name_of(low),
                    low == Precision::k_int8_plain ? ": a looser one gives no faster plan." : "."));
    return check_on_all(fastest, start, every_move(low));
  }
  const std::vector<Move> ordered = measure_moves(start, low);
  const Assignment mix = search(start, ordered);
  // It was reckoned from plans of one precision.
  const bool pays = mix != start && is_faster(mix, start);
  return check_on_all(pays ? mix : start, start, ordered);
}

Assignment Tuning::search(const Assignment& start, const std::vector<Move>& ordered) {
  bool stopped = false;
  Assignment best = fidelity::search(
      start, ordered,
      [&](const Assignment& plan) -> std::optional<fidelity::Evaluation> {
        stopped = !measurements_.is_known(plan) && !in_time();
        if (stopped) return std::nullopt;
        const api::PlanFidelity& measured = measurements_.on_deciding_texts(plan);
        return fidelity::Evaluation{measured.holds, measured.used};
      },
      k_attempts);
  if (stopped)
    note("The search was stopped at the time limit: a longer one may find a faster plan.");
  return best;
}

// The search ran the rows that decide; all rows have the last word. Steps back where they say no.
Assignment Tuning::check_on_all(Assignment best, const Assignment& start,
                                const std::vector<Move>& ordered) {
  for (int step = 0;; ++step) {
    report_.clauses = measurements_.on_all_texts(best);
    if (fidelity::all_hold(report_.clauses) || best == fp32_) return best;
    if (best == base_ || best == start) {
      best = best == base_ ? fp32_ : base_;
      continue;
    }
    if (step == k_most_steps_back || !in_time()) {
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

}  // namespace

TuneReport tune(const TuneOptions& options, const VerifyProgress& progress) {
  if (!options.output.empty()) api::check_output(options.output);
  return Tuning(options, progress).run();
}

}  // namespace hasten
