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

}  // namespace
}  // namespace hasten::classifier
