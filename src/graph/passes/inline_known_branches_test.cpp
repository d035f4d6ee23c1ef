#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string branching(std::string_view condition) {
  return R"(
    opset 17
    input x float32[batch, length]
    input ids int64[batch, length]
    shape = Shape(x)
    ids_shape = Shape(ids)
    const zero int64[] = 0
    const one int64[] = 1
    const seven int64[] = 7
    first = Gather(shape, zero) {axis=0}
    second = Gather(ids_shape, one) {axis=0}
    own = Gather(shape, one) {axis=0}
  )" + std::string(condition) +
         R"(
    y = If(c, x) {else_branch=graph{opset 17; input a float32; r = Exp(a); output r; }, hasten.captured=1, then_branch=graph{opset 17; input a float32; r = Neg(a); output r; }}
    output y
  )";
}

TEST(InlineKnownBranches, LengthsOfTwoInputsAreTheSame) {
  const Rewritten rewritten = rewrite(inline_known_branches, branching("c = Equal(own, second)"));
  EXPECT_EQ(rewritten.outcome.rewrites, 1U);
  EXPECT_THAT(rewritten.text, HasSubstr("= Neg(x)"));
  EXPECT_THAT(rewritten.text, Not(HasSubstr("If(")));
}

TEST(InlineKnownBranches, TheOtherBranch) {
  const Rewritten rewritten =
      rewrite(inline_known_branches, branching("e = Equal(own, second)\nc = Not(e)"));
  EXPECT_THAT(rewritten.text, HasSubstr("= Exp(x)"));
}

// At every size that is tried, the second condition hangs on a shape that the first branch gives.
TEST(InlineKnownBranches, OneBehindAnother) {
  const std::string text = branching("c = Equal(own, second)") + R"(
    y_shape = Shape(y)
    y_length = Gather(y_shape, one) {axis=0}
    d = Equal(y_length, second)
    z = If(d, y) {else_branch=graph{opset 17; input a float32; r = Exp(a); output r; }, hasten.captured=1, then_branch=graph{opset 17; input a float32; r = Abs(a); output r; }}
    output z
  )";
  const Rewritten rewritten = rewrite(inline_known_branches, text);
  EXPECT_EQ(rewritten.outcome.rewrites, 2U);
  EXPECT_THAT(rewritten.text, Not(HasSubstr("If(")));
}

TEST(InlineKnownBranches, WhatDependsOnTheLengthStays) {
  EXPECT_EQ(rewrite(inline_known_branches, branching("c = Equal(own, seven)")).outcome.rewrites,
            0U);
  EXPECT_EQ(rewrite(inline_known_branches, branching("c = Greater(own, seven)")).outcome.rewrites,
            0U);
}

}  // namespace
}  // namespace hasten::graph
