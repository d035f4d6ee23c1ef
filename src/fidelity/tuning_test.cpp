#include "fidelity/tuning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace hasten::fidelity {
namespace {

constexpr Precision k_high = Precision::k_bfloat16, k_low = Precision::k_int8;

// Products whose errors add up, and a budget for their sum.
struct Problem {
  std::vector<Move> moves;
  double budget = 0;
  std::size_t evaluations = 0;

  Evaluate evaluate() {
    return [this](const Assignment& assignment) {
      ++evaluations;
      double error = 0;
      for (const Move& move : moves) error += assignment[move.product] == k_low ? move.error : 0;
      return Evaluation{error <= budget, error / budget};
    };
  }
};

Problem problem(std::vector<double> errors, double budget) {
  Problem result;
  for (std::size_t i = 0; i < errors.size(); ++i) result.moves.push_back({i, k_low, errors[i], 1});
  result.budget = budget;
  return result;
}

TEST(Tuning, MovesWithTheLeastErrorPerSavingComeFirst) {
  const auto ordered =
      order_moves({{0, k_low, 4, 1}, {1, k_low, 4, 2}, {2, k_low, 1, 1}, {3, k_low, 0, 0}});
  ASSERT_EQ(ordered.size(), 3U);  // the one that saves nothing is left out
  EXPECT_EQ(ordered[0].product, 2U);
  EXPECT_EQ(ordered[1].product, 1U);
  EXPECT_EQ(ordered[2].product, 0U);
}

TEST(Tuning, AMoveNeverRaisesAPrecision) {
  const Assignment after =
      after_moves({Precision::k_float32}, {{0, k_low, 1, 2}, {0, k_high, 1, 1}}, 2);
  EXPECT_EQ(after, Assignment{k_low});
}

TEST(Tuning, TakesEverythingInOneStepWhenEverythingHolds) {
  Problem p = problem({1, 1, 1, 1}, 10);
  EXPECT_EQ(search(Assignment(4, k_high), order_moves(p.moves), p.evaluate(), 4),
            Assignment(4, k_low));
  EXPECT_EQ(p.evaluations, 1U);
}

TEST(Tuning, FindsHowManyMovesHoldAndThenTriesTheOthers) {
  Problem p = problem({1, 2, 3, 9, 10, 10.5}, 15.5);
  // Behind the first three come 9, which the bisection sees hold; nothing else fits.
  const Assignment best = search(Assignment(6, k_high), order_moves(p.moves), p.evaluate(), 6);
  EXPECT_EQ(best, (Assignment{k_low, k_low, k_low, k_low, k_high, k_high}));
}

TEST(Tuning, GoesWhereTheErrorsSayThatTheBudgetIsUsedUp) {
  std::vector<double> errors(60, 1);
  errors.back() = 1000;
  Problem p = problem(errors, 40.5);
  const auto ordered = order_moves(p.moves);
  EXPECT_EQ(search(Assignment(60, k_high), ordered, p.evaluate(), 0),
            after_moves(Assignment(60, k_high), ordered, 40));
  // All, none, 40 and 41; halving would ask six times.
  EXPECT_EQ(p.evaluations, 4U);
}

TEST(Tuning, ABudgetThatErrorsDoNotTellIsHalved) {
  std::vector<double> errors(64, 1);
  Problem p = problem(errors, 0);
  std::size_t asked = 0;
  const auto ordered = order_moves(p.moves);
  // Ten moves hold whatever the errors are, and what is used jumps.
  const Evaluate jump = [&](const Assignment& plan) {
    ++asked;
    const auto low = std::count(plan.begin(), plan.end(), k_low);
    return Evaluation{low <= 10, low <= 10 ? 0.0 : std::numeric_limits<double>::infinity()};
  };
  EXPECT_EQ(search(Assignment(64, k_high), ordered, jump, 0),
            after_moves(Assignment(64, k_high), ordered, 10));
  EXPECT_LE(asked, 2U + 6U);
}

TEST(Tuning, KeepsTheStartWhenNothingHolds) {
  Problem p = problem({5, 6}, 1);
  EXPECT_EQ(search(Assignment(2, k_high), order_moves(p.moves), p.evaluate(), 4),
            Assignment(2, k_high));
}

TEST(Tuning, MovesGoDownOnly) {
  const std::vector<Precision> down = {Precision::k_float32, Precision::k_bfloat16,
                                       Precision::k_int8, Precision::k_int8_plain};
  for (std::size_t from = 0; from < down.size(); ++from) {
    for (std::size_t to = 0; to < down.size(); ++to) {
      EXPECT_EQ(after_moves({down[from]}, {{0, down[to], 0, 1}}, 1),
                Assignment{down[std::max(from, to)]});
    }
  }
}

TEST(Tuning, StopsWhenTheTimeIsUp) {
  Problem p = problem({1, 1}, 10);
  const auto never = [](const Assignment&) { return std::optional<Evaluation>(); };
  EXPECT_EQ(search(Assignment(2, k_high), order_moves(p.moves), never, 4), Assignment(2, k_high));
}

}  // namespace
}  // namespace hasten::fidelity
