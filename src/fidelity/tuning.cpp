#include "fidelity/tuning.h"

#include <algorithm>

namespace hasten::fidelity {
namespace {

int cost_of(Precision precision) {
  switch (precision) {
    case Precision::k_int8:
      return 0;
    case Precision::k_bfloat16:
      return 1;
    default:
      return 2;
  }
}

void apply(const Move& move, Assignment& assignment) {
  Precision& precision = assignment[move.product];
  if (cost_of(move.precision) < cost_of(precision)) precision = move.precision;
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
  std::size_t holding = 0;
  std::size_t failing = ordered.size() + 1;
  std::size_t next = ordered.size();
  while (failing - holding > 1) {
    const auto result = evaluate(after_moves(start, ordered, next));
    if (!result) return after_moves(start, ordered, holding);
    (result->holds ? holding : failing) = next;
    next = (holding + failing) / 2;
  }
  Assignment best = after_moves(start, ordered, holding);
  for (std::size_t i = holding; i < ordered.size() && attempts > 0; ++i) {
    Assignment candidate = best;
    apply(ordered[i], candidate);
    // The move at `holding` is the one that the bisection saw fail.
    if (candidate == best || i == holding) continue;
    --attempts;
    const auto result = evaluate(candidate);
    if (!result) break;
    if (result->holds) best = std::move(candidate);
  }
  return best;
}

}  // namespace hasten::fidelity
