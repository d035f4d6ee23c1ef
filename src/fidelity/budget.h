// Budgets: what a comparison must show to pass.
//
//   budget = clause {"," clause}
//   clause = metric ["[" label "]"] ["@" depth] (">=" | "<=") number ["%"]
//   metric = "spearman" | "kendall" | "overlap" | "flips" | "argmax" | "logit" | "probability"
//   depth  = "100" | "1000" | "10000" | "10%" | "all"        for spearman, kendall, overlap
//   (default: all)
//          | threshold such as "0.5" | "top 10%" ...          for flips (default: 0.5)
//
// "logit" and "probability" are largest differences. Without a label a clause is about every class:
// the one that does worst counts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fidelity/comparison.h"

namespace hasten::fidelity {

enum class Metric : std::uint8_t {
  k_spearman,
  k_kendall,
  k_overlap,
  k_flips,
  k_argmax,
  k_logit,
  k_probability
};

struct BudgetClause {
  std::string text;  // as written, without blanks around it
  Metric metric = Metric::k_spearman;
  std::string label;  // empty: all classes
  std::string depth;  // empty: the default
  bool at_least = true;
  double limit = 0;
};

// Throws k_usage, naming the clause and what was expected.
std::vector<BudgetClause> parse_budget(std::string_view text);

// Each clause's figure. Throws k_usage when a clause asks for what the comparison does not have: a
// label or a depth that is not there, logits of a table of probabilities.
std::vector<BudgetResult> check_budget(const std::vector<BudgetClause>& budget,
                                       const Comparison& comparison, std::uint64_t texts);

bool all_hold(const std::vector<BudgetResult>& results);

// The largest share of its allowance that a clause uses up, at most 1 when all hold: of
// spearman>=0.99 a measured 0.995 uses a half, of flips<=1% a measured 2% uses two.
double share_used(const std::vector<BudgetResult>& results);

}  // namespace hasten::fidelity
