#include "fidelity/tuning.h"

#include <algorithm>
#include <cmath>

namespace hasten::fidelity {
namespace {

int cost_of(Precision precision) {
  switch (precision) {
    case Precision::k_int8_plain:
      return 0;
    case Precision::k_int8:
      return 1;
    case Precision::k_bfloat16:
      return 2;
    default:
      return 3;
  }
}

void apply(const Move& move, Assignment& assignment) {
  Precision& precision = assignment[move.product];
  if (cost_of(move.precision) < cost_of(precision)) precision = move.precision;
}

// After so many moves, so much of the budget is used.
struct Bound {
  std::size_t count = 0;
  double used = 0;
};

// The count between the two at which the budget is used up, if what is used grows with the error.
std::size_t likely_count(const Bound& low, const Bound& high, const std::vector<double>& errors) {
  const double rise = high.used - low.used;
  if (!(rise > 0) || !std::isfinite(rise)) return (low.count + high.count) / 2;
  const double share = std::clamp((1 - low.used) / rise, 0.0, 1.0);
  const double error = errors[low.count] + share * (errors[high.count] - errors[low.count]);
  const auto above = std::upper_bound(errors.begin(), errors.end(), error);
  const auto count = static_cast<std::size_t>(above - errors.begin()) - 1;
  return std::clamp(count, low.count + 1, high.count - 1);
}

// Nothing when there was no time to find any.
std::optional<std::size_t> most_that_hold(const Assignment& start, const std::vector<Move>& ordered,
                                          const Evaluate& evaluate) {
  std::vector<double> errors{0};  // summed, after so many moves
  for (const Move& move : ordered) errors.push_back(errors.back() + std::max(0.0, move.error));
  const auto all = evaluate(after_moves(start, ordered, ordered.size()));
  if (!all || all->holds) return all ? std::optional(ordered.size()) : std::nullopt;
  const auto none = evaluate(start);
  if (!none) return std::nullopt;
  Bound low{0, none->used}, high{ordered.size(), all->used};
  for (int step = 1; high.count - low.count > 1; ++step) {
    const std::size_t next =
        step % 3 == 0 ? (low.count + high.count) / 2 : likely_count(low, high, errors);
    const auto result = evaluate(after_moves(start, ordered, next));
    if (!result) break;
    (result->holds ? low : high) = {next, result->used};
  }
  return low.count;
}

}  // namespace

std::vector<Move> order_moves(std::vector<Move> moves) {
  std::erase_if(moves, [](const Move& move) { return move.saving <= 0; });
  std::stable_sort(moves.begin(), moves.end(), [](const Move& x, const Move& y) {
    return x.error * y.saving < y.error * x.saving;
  });
  return moves;
}

Assignment after_moves(const Assignment& start, const std::vector<Move>& moves, std::size_t count) {
  Assignment assignment = start;
  for (std::size_t i = 0; i < count; ++i) apply(moves[i], assignment);
  return assignment;
}

Assignment search(const Assignment& start, const std::vector<Move>& ordered,
                  const Evaluate& evaluate, std::size_t attempts) {
  const std::optional<std::size_t> found = most_that_hold(start, ordered, evaluate);
  if (!found) return start;
  Assignment best = after_moves(start, ordered, *found);
  for (std::size_t i = *found; i < ordered.size() && attempts > 0; ++i) {
    Assignment candidate = best;
    apply(ordered[i], candidate);
    // The move at `found` is the one that was seen to fail.
    if (candidate == best || i == *found) continue;
    --attempts;
    const auto result = evaluate(candidate);
    if (!result) break;
    if (result->holds) best = std::move(candidate);
  }
  return best;
}

}  // namespace hasten::fidelity
