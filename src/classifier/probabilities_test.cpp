#include "classifier/probabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace hasten::classifier {
namespace {

std::vector<float> apply(Function function, std::vector<float> logits) {
  std::vector<float> probabilities(logits.size());
  apply_function(function, logits, probabilities);
  return probabilities;
}

TEST(Probabilities, SoftmaxSumsToOneAndKeepsRatios) {
  const auto probabilities = apply(Function::k_softmax, {1, 2, 3});
  EXPECT_FLOAT_EQ(probabilities[0] + probabilities[1] + probabilities[2], 1);
  EXPECT_FLOAT_EQ(probabilities[2] / probabilities[1], std::exp(1.0F));
}

TEST(Probabilities, SoftmaxOfLargeLogitsDoesNotOverflow) {
  EXPECT_THAT(apply(Function::k_softmax, {1e30F, -1e30F}), testing::ElementsAre(1, 0));
  EXPECT_THAT(apply(Function::k_softmax, {-1000, -1000}), testing::ElementsAre(0.5F, 0.5F));
}

TEST(Probabilities, SigmoidOfEachLogit) {
  EXPECT_THAT(apply(Function::k_sigmoid, {0, 1000, -1000}), testing::ElementsAre(0.5F, 1, 0));
  EXPECT_FLOAT_EQ(apply(Function::k_sigmoid, {2})[0], 0.88079708F);
}

TEST(Probabilities, NoneLeavesLogitsAlone) {
  EXPECT_THAT(apply(Function::k_none, {-3.5F, 7}), testing::ElementsAre(-3.5F, 7));
}

TEST(Probabilities, NotANumberIsNotHidden) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(apply(Function::k_softmax, {nan, 1})[1]));
  EXPECT_TRUE(std::isnan(apply(Function::k_sigmoid, {nan})[0]));
}

TEST(Probabilities, OneThatIsInfiniteOrNoNumberSpoilsItsRow) {
  constexpr float k_nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float k_infinity = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(are_finite({}, {}));
  EXPECT_TRUE(are_finite(std::vector{3e38F, -1.0F}, std::vector{1.0F, 0.0F}));
  for (const float odd : {k_nan, k_infinity, -k_infinity}) {
    EXPECT_FALSE(are_finite(std::vector{0.0F, odd}, std::vector{0.5F, 0.5F}));
    EXPECT_FALSE(are_finite(std::vector{0.0F, 0.0F}, std::vector{odd, 0.5F}));
  }
  EXPECT_FALSE(are_finite(std::vector{k_infinity}, apply(Function::k_sigmoid, {k_infinity})));
}

}  // namespace
}  // namespace hasten::classifier
