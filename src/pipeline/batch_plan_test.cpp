#include "pipeline/batch_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace hasten::pipeline {
namespace {

TEST(BatchPlan, GroupsLongestFirstWithinTheBudget) {
  const std::vector<std::uint32_t> counts = {3, 9, 4, 4, 2};
  EXPECT_THAT(plan_batches(counts, 10),
              testing::ElementsAre(testing::ElementsAre(1u), testing::ElementsAre(2u, 3u),
                                   testing::ElementsAre(0u, 4u)));
}

TEST(BatchPlan, ALongTextIsABatchOfItsOwn) {
  const std::vector<std::uint32_t> counts = {5, 100};
  EXPECT_THAT(plan_batches(counts, 10),
              testing::ElementsAre(testing::ElementsAre(1u), testing::ElementsAre(0u)));
}

TEST(BatchPlan, NoTextsNoBatches) { EXPECT_TRUE(plan_batches({}, 10).empty()); }

TEST(BatchPlan, EveryTextIsInOneBatchAndNoBatchIsOverBudget) {
  std::mt19937 random(7);
  std::vector<std::uint32_t> counts(1000);
  for (auto& count : counts) count = 2 + random() % 60;
  std::vector<int> seen(counts.size(), 0);
  for (const auto& batch : plan_batches(counts, 64)) {
    std::size_t tokens = 0;
    for (const std::uint32_t index : batch) {
      ++seen[index];
      tokens += counts[index];
    }
    EXPECT_LE(tokens, 64u);
  }
  EXPECT_THAT(seen, testing::Each(1));
}

}  // namespace
}  // namespace hasten::pipeline
