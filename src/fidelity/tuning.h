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
};

// Asks for a plan's figures; nothing when there is no time left.
using Evaluate = std::function<std::optional<Evaluation>(const Assignment&)>;

// The moves that save time, those with the least error per saving first. Errors of products are
// taken to add up, as independent roundings do.
std::vector<Move> order_moves(std::vector<Move> moves);

// The assignment after the first `count` moves; a move never raises a precision.
Assignment after_moves(const Assignment& start, const std::vector<Move>& moves, std::size_t count);

// `start` must hold. Finds by bisection how many of the ordered moves still hold (all of them are
// tried first), then tries the moves behind that one by one, keeping those that hold, `attempts` of
// them.
Assignment search(const Assignment& start, const std::vector<Move>& ordered,
                  const Evaluate& evaluate, std::size_t attempts);

}  // namespace hasten::fidelity
