// The search for the fastest precisions that hold a budget: measured sensitivity, then greedy.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include <hasten/options.h>

namespace hasten::fidelity {

// The precision of each matrix product.
using Assignment = std::vector<Precision>;

// Computing one product in a lower precision.
struct Move {
  std::size_t product = 0;
  Precision precision = Precision::k_int8;
  double error = 0;   // that it alone causes
  double saving = 0;  // of time, in any unit
};

struct Evaluation {
  bool holds = false;
  double used = 0;  // share of the budget that the plan uses up: at most 1 when it holds
};

// Asks for a plan's figures; nothing when there is no time left.
using Evaluate = std::function<std::optional<Evaluation>(const Assignment&)>;

// Those with the least error per saving first; those that save nothing are left out. Errors of
// products are taken to add up, as independent roundings do.
std::vector<Move> order_moves(std::vector<Move> moves);

// The assignment after the first `count` moves; a move never raises a precision.
Assignment after_moves(const Assignment& start, const std::vector<Move>& moves, std::size_t count);

// `start` must hold. Finds how many of the ordered moves still hold: all of them are tried first,
// then the number at which the sum of their errors should just use up the budget, by what was seen
// so far; every third step halves what is left, so that no budget makes it crawl. Then tries the
// moves behind that one by one, keeping those that hold, `attempts` of them.
Assignment search(const Assignment& start, const std::vector<Move>& ordered,
                  const Evaluate& evaluate, std::size_t attempts);

}  // namespace hasten::fidelity
