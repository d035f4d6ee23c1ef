#include "pipeline/batch_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hasten::pipeline {
namespace {

TEST(BatchPlan, GroupsLongestFirstWithinTheBudget) {
  const std::vector<std::uint32_t> counts = {3, 9, 4, 4, 2};
  EXPECT_THAT(plan_batches(counts, {10, 10}),
              testing::ElementsAre(testing::ElementsAre(1u), testing::ElementsAre(2u, 3u),
                                   testing::ElementsAre(0u, 4u)));
}

TEST(BatchPlan, ALongTextIsABatchOfItsOwn) {
  const std::vector<std::uint32_t> counts = {5, 100};
  EXPECT_THAT(plan_batches(counts, {10, 10}),
              testing::ElementsAre(testing::ElementsAre(1u), testing::ElementsAre(0u)));
}

TEST(BatchPlan, NoTextsNoBatches) {
  EXPECT_TRUE(plan_batches({}, {10, 10}).empty());
}

TEST(BatchPlan, EveryTextIsInOneBatchAndNoBatchIsOverBudget) {
  std::mt19937 random(7);
  std::vector<std::uint32_t> counts(1000);
  for (auto& count : counts) count = 2 + random() % 60;
  std::vector<int> seen(counts.size(), 0);
  for (const auto& batch : plan_batches(counts, {64, 16, 3})) {
    std::size_t tokens = 0;
    for (const std::uint32_t index : batch) {
      ++seen[index];
      tokens += counts[index];
    }
    EXPECT_LE(tokens, 64u);
  }
  EXPECT_THAT(seen, testing::Each(1));
}

// Each worker takes the next batch when it is done with its last: the work of all must be nearly the same.
TEST(BatchPlan, WorkersEndTogether) {
  for (const std::size_t texts : {40u, 120u, 900u}) {
    const std::vector<std::uint32_t> counts(texts, 20);
    for (const std::size_t workers : {1u, 2u, 7u}) {
      std::vector<std::size_t> work(workers, 0);
      std::size_t largest = 0;
      for (const auto& batch : plan_batches(counts, {1024, 100, workers})) {
        largest = std::max(largest, batch.size());
        *std::min_element(work.begin(), work.end()) += 20 * batch.size();
      }
      const auto [least, most] = std::minmax_element(work.begin(), work.end());
      EXPECT_LE(*most - *least, 100u) << texts << " texts, " << workers << " workers";
      if (texts == 900) {
        EXPECT_GE(largest, 30u);
      }
    }
  }
}

}  // namespace
}  // namespace hasten::pipeline
