#include "fidelity/budget.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hasten::fidelity {
namespace {

BudgetResult result(bool at_least, double limit, double measured) {
  BudgetResult each;
  each.at_least = at_least;
  each.limit = limit;
  each.measured.value = measured;
  return each;
}

TEST(Budget, AClauseUsesItsAllowanceUpAtItsLimit) {
  EXPECT_DOUBLE_EQ(share_used({result(true, 0.75, 0.75)}), 1);
  EXPECT_DOUBLE_EQ(share_used({result(true, 0.5, 0.75)}), 0.5);
  EXPECT_DOUBLE_EQ(share_used({result(false, 0.25, 0.5)}), 2);
  EXPECT_DOUBLE_EQ(share_used({result(false, 0.25, 0)}), 0);
}

TEST(Budget, TheClauseThatUsesMostCounts) {
  EXPECT_DOUBLE_EQ(share_used({result(true, 0.5, 0.875), result(false, 0.5, 0.375)}), 0.75);
}

TEST(Budget, WhatAllowsNothingOrIsUndefinedIsUsedBeyondAnyShare) {
  EXPECT_EQ(share_used({result(true, 1, 1)}), 0);
  EXPECT_TRUE(std::isinf(share_used({result(true, 1, 0.999)})));
  EXPECT_TRUE(std::isinf(share_used({result(false, 0, 1e-9)})));
  EXPECT_TRUE(
      std::isinf(share_used({result(true, 0.5, std::numeric_limits<double>::quiet_NaN())})));
}

}  // namespace
}  // namespace hasten::fidelity
