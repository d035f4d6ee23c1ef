// Which texts decide whether a budget holds.
#pragma once

#include <cstddef>
#include <vector>

#include "fidelity/budget.h"
#include "fidelity/scores.h"

namespace hasten::fidelity {

// The rows whose scores the clauses depend on when those of the others hardly move: the top texts
// of a depth (and as many again by half where an overlap is asked for), the texts nearest to a
// threshold; all rows where a clause is about all of them. Rising, each once. The reference has
// probabilities.
std::vector<std::size_t> rows_that_decide(const std::vector<BudgetClause>& budget,
                                          const Scores& reference);

// `reference` with the rows at `rows` replaced by those of `measured`, which has just these.
Scores with_rows(const Scores& reference, const std::vector<std::size_t>& rows,
                 const Scores& measured);

}  // namespace hasten::fidelity
