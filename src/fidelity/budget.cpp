#include "fidelity/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/error.h"
#include "fidelity/confidence.h"

namespace hasten::fidelity {
namespace {

constexpr std::array<std::pair<std::string_view, Metric>, 7> k_metrics = {
    {{"spearman", Metric::k_spearman},
     {"kendall", Metric::k_kendall},
     {"overlap", Metric::k_overlap},
     {"flips", Metric::k_flips},
     {"argmax", Metric::k_argmax},
     {"logit", Metric::k_logit},
     {"probability", Metric::k_probability}}};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

[[noreturn]] void fail_clause(std::string_view clause, const std::string& expected) {
  fail(ErrorCode::k_usage,
       fmt::format("the budget's clause \"{}\" cannot be read: {}", clause, expected), {}, {},
       "Write clauses such as spearman@10%>=0.998, overlap@1000>=98%, flips@0.5<=0.5%.");
}

// Reads one clause from left to right.
class ClauseReader {
 public:
  explicit ClauseReader(std::string_view clause) : clause_(clause), rest_(clause) {}

  BudgetClause read() {
    BudgetClause result;
    result.text = clause_;
    result.metric = metric();
    if (take("[")) result.label = until("]", "the label's closing ]");
    if (take("@")) result.depth = trimmed(rest_.substr(0, rest_.find_first_of("<>=")));
    const auto comparison = rest_.find_first_of("<>=");
    if (comparison == std::string_view::npos) fail_clause(clause_, "expected >= or <=");
    if (!trimmed(rest_.substr(0, comparison)).empty() && result.depth.empty()) {
      fail_clause(clause_, fmt::format("\"{}\" is no metric",
                                       trimmed(clause_.substr(0, clause_.find_first_of("<>=[@")))));
    }
    rest_.remove_prefix(comparison);
    result.at_least = direction();
    result.limit = number();
    check_direction(result);
    check_depth(result);
    return result;
  }

 private:
  bool take(std::string_view token) {
    rest_ = trimmed(rest_);
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  std::string until(std::string_view end, const std::string& expected) {
    const auto place = rest_.find(end);
    if (place == std::string_view::npos) fail_clause(clause_, "expected " + expected);
    std::string text(trimmed(rest_.substr(0, place)));
    rest_.remove_prefix(place + end.size());
    return text;
  }

  Metric metric() {
    const std::string_view name = trimmed(rest_.substr(0, rest_.find_first_of("[@<>=")));
    for (const auto& [known, metric] : k_metrics) {
      if (known != name) continue;
      rest_ = rest_.substr(rest_.find(known) + known.size());
      return metric;
    }
    fail_clause(
        clause_,
        fmt::format(
            "\"{}\" is none of spearman, kendall, overlap, flips, argmax, logit, probability",
            name));
  }

  bool direction() {
    if (take(">=")) return true;
    if (take("<=")) return false;
    fail_clause(clause_, "expected >= or <=");
  }

  double number() {
    rest_ = trimmed(rest_);
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    const std::string_view behind = trimmed(std::string_view(end, rest_.data() + rest_.size()));
    if (error != std::errc() || !std::isfinite(value) || (!behind.empty() && behind != "%")) {
      fail_clause(clause_, "expected a number, or one with %");
    }
    return behind.empty() ? value : value / 100;
  }

  // A budget bounds from below what should be high, from above what should be low.
  void check_direction(const BudgetClause& clause) const {
    const bool low_is_good = clause.metric == Metric::k_flips || clause.metric == Metric::k_logit ||
                             clause.metric == Metric::k_probability;
    if (clause.at_least == low_is_good) {
      fail_clause(clause_, low_is_good ? "this metric is good when it is low: expected <="
                                       : "this metric is good when it is high: expected >=");
    }
  }

  void check_depth(const BudgetClause& clause) const {
    const bool none = clause.metric == Metric::k_argmax || clause.metric == Metric::k_logit ||
                      clause.metric == Metric::k_probability;
    if (none && !clause.depth.empty()) fail_clause(clause_, "this metric has no depth");
    if (clause.metric == Metric::k_argmax && !clause.label.empty()) {
      fail_clause(clause_, "this metric is about no single class");
    }
  }

  std::string_view clause_;
  std::string_view rest_;
};

[[noreturn]] void fail_absent(const BudgetClause& clause, const std::string& what,
                              const std::string& remedy) {
  fail(ErrorCode::k_usage, fmt::format("the budget's clause \"{}\" asks for {}", clause.text, what),
       {}, {}, remedy);
}

const TopAgreement& top_of(const BudgetClause& clause, const ClassAgreement& agreement) {
  const std::string& depth = clause.depth.empty() ? "all" : clause.depth;
  std::string known;
  for (const TopAgreement& top : agreement.top) {
    if (top.name == depth) return top;
    known += (known.empty() ? "" : ", ") + top.name;
  }
  fail_absent(clause, fmt::format("the depth {}, which these texts do not have", depth),
              fmt::format("Use one of {}; more texts have more.", known));
}

const Flips& flips_of(const BudgetClause& clause, const ClassAgreement& agreement) {
  const std::string& name = clause.depth.empty() ? "0.5" : clause.depth;
  std::string known;
  for (const Flips& flips : agreement.flips) {
    if (flips.name == name) return flips;
    known += (known.empty() ? "" : ", ") + flips.name;
  }
  fail_absent(clause, fmt::format("flips at {}, which were not counted", name),
              fmt::format("Use one of {}, or count there with --threshold.", known));
}

Estimate figure_of(const BudgetClause& clause, const ClassAgreement& agreement) {
  switch (clause.metric) {
    case Metric::k_spearman:
      return top_of(clause, agreement).spearman;
    case Metric::k_kendall:
      return {top_of(clause, agreement).kendall, {}};
    case Metric::k_overlap:
      return top_of(clause, agreement).overlap;
    case Metric::k_flips:
      return flips_of(clause, agreement).share;
    case Metric::k_logit:
      if (agreement.logits) return {agreement.logits->largest, {}};
      fail_absent(clause, "logits, which one side does not have", "Ask for probability instead.");
    case Metric::k_probability:
      if (agreement.probabilities) return {agreement.probabilities->largest, {}};
      fail_absent(clause, "probabilities, which one side does not have", "Ask for logit instead.");
    case Metric::k_argmax:
      break;
  }
  return {};
}

bool holds(const BudgetClause& clause, double value) {
  if (std::isnan(value)) return false;
  return clause.at_least ? value >= clause.limit : value <= clause.limit;
}

bool is_worse(const BudgetClause& clause, double value, double than) {
  if (std::isnan(than)) return false;
  if (std::isnan(value)) return true;
  return clause.at_least ? value < than : value > than;
}

BudgetResult worst_of_classes(const BudgetClause& clause, const Comparison& comparison) {
  std::optional<BudgetResult> worst;
  for (const ClassAgreement& agreement : comparison.classes) {
    if (!clause.label.empty() && clause.label != agreement.label) continue;
    const Estimate figure = figure_of(clause, agreement);
    if (worst && !is_worse(clause, figure.value, worst->measured.value)) continue;
    worst = BudgetResult{};
    worst->label = agreement.label;
    worst->measured = figure;
  }
  if (worst) return *worst;
  std::string known;
  for (const ClassAgreement& agreement : comparison.classes)
    known += (known.empty() ? "" : ", ") + agreement.label;
  fail_absent(clause, fmt::format("the class {}, which is not there", clause.label),
              fmt::format("The classes are {}.", known));
}

BudgetResult check_clause(const BudgetClause& clause, const Comparison& comparison,
                          std::uint64_t texts) {
  BudgetResult result;
  if (clause.metric == Metric::k_argmax) {
    result.measured = comparison.argmax_agreement;
  } else {
    result = worst_of_classes(clause, comparison);
  }
  result.clause = clause.text;
  result.limit = clause.limit;
  result.at_least = clause.at_least;
  result.holds = holds(clause, result.measured.value);
  // Beyond the extreme of a metric no sample tells: only equality reaches it.
  const bool extreme = clause.at_least ? clause.limit >= 1 : clause.limit <= 0;
  if (result.measured.interval && !extreme) {
    result.enough_texts =
        enough_texts(result.measured.value, *result.measured.interval, clause.limit, texts);
    result.certain = result.enough_texts == 0;
  }
  return result;
}

}  // namespace

std::vector<BudgetClause> parse_budget(std::string_view text) {
  std::vector<BudgetClause> budget;
  while (!trimmed(text).empty()) {
    const auto comma = text.find(',');
    const std::string_view clause = trimmed(text.substr(0, comma));
    if (clause.empty()) fail_clause(clause, "it is empty");
    budget.push_back(ClauseReader(clause).read());
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  if (budget.empty()) fail_clause("", "it is empty");
  return budget;
}

std::vector<BudgetResult> check_budget(const std::vector<BudgetClause>& budget,
                                       const Comparison& comparison, std::uint64_t texts) {
  std::vector<BudgetResult> results;
  results.reserve(budget.size());
  for (const BudgetClause& clause : budget)
    results.push_back(check_clause(clause, comparison, texts));
  return results;
}

bool all_hold(const std::vector<BudgetResult>& results) {
  return std::all_of(results.begin(), results.end(),
                     [](const BudgetResult& result) { return result.holds; });
}

double share_used(const std::vector<BudgetResult>& results) {
  constexpr double k_beyond = std::numeric_limits<double>::infinity();
  double most = 0;
  for (const BudgetResult& result : results) {
    const double spent = result.at_least ? 1 - result.measured.value : result.measured.value;
    const double allowed = result.at_least ? 1 - result.limit : result.limit;
    const double share = spent <= 0 ? 0 : allowed > 0 ? spent / allowed : k_beyond;
    most = std::max(most, std::isnan(spent) ? k_beyond : share);
  }
  return most;
}

}  // namespace hasten::fidelity
