#include "job/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hasten::job {
namespace {

TEST(Shard, LargeInputsAreSpreadAndEachIsInOneShard) {
  EXPECT_THAT(inputs_of_shard(std::vector<std::uint64_t>{10, 90, 80, 20}, {0, 2}),
              testing::ElementsAre(0, 1));
  EXPECT_THAT(inputs_of_shard(std::vector<std::uint64_t>{10, 90, 80, 20}, {1, 2}),
              testing::ElementsAre(2, 3));
}

TEST(Shard, OneShardHasAllAndSomeMayHaveNone) {
  EXPECT_THAT(inputs_of_shard(std::vector<std::uint64_t>{0, 0, 5}, {0, 1}),
              testing::ElementsAre(0, 1, 2));
  EXPECT_THAT(inputs_of_shard(std::vector<std::uint64_t>{7}, {4, 9}), testing::IsEmpty());
}

TEST(Shard, ManyInputsFallToSomeShardOnceAndEvenly) {
  std::mt19937 random(3);
  std::vector<std::uint64_t> sizes(997);
  for (auto& size : sizes) size = random() % 10'000;
  std::vector<std::size_t> all;
  std::vector<std::uint64_t> loads;
  for (std::uint64_t i = 0; i < 64; ++i) {
    std::uint64_t load = 0;
    for (const std::size_t input : inputs_of_shard(sizes, {i, 64})) {
      all.push_back(input);
      load += sizes[input];
    }
    loads.push_back(load);
  }
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < sizes.size(); ++i) ASSERT_EQ(all[i], i);
  const auto [least, most] = std::minmax_element(loads.begin(), loads.end());
  EXPECT_LT(*most - *least, 10'000u);
}

}  // namespace
}  // namespace hasten::job
