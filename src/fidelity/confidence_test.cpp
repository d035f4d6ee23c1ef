#include "fidelity/confidence.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "fidelity/rank_statistics.h"

namespace hasten::fidelity {
namespace {

struct Pairs {
  std::vector<double> a, b;
};

Pairs noisy_pairs(std::size_t count, double noise, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Pairs pairs;
  for (std::size_t i = 0; i < count; ++i) {
    pairs.a.push_back(normal(generator));
    pairs.b.push_back(pairs.a.back() + noise * normal(generator));
  }
  return pairs;
}

TEST(ShareInterval, EqualsWilsonsFigures) {
  // Newcombe (1998), table I: 81 of 263, and 0 of 20.
  const Interval many = share_interval(81, 263);
  EXPECT_NEAR(many.low, 0.2553, 5e-5);
  EXPECT_NEAR(many.high, 0.3662, 5e-5);
  const Interval none = share_interval(0, 20);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.1611, 5e-5);
  EXPECT_EQ(share_interval(0, 0).high, 1);
  EXPECT_EQ(share_interval(7, 7).high, 1);
}

TEST(SpearmanInterval, HoldsTheFigureAndShrinksWithTheSample) {
  const Pairs few = noisy_pairs(100, 0.2, 1);
  const Pairs many = noisy_pairs(6400, 0.2, 2);
  const Interval wide = spearman_interval(few.a, few.b, 400);
  const Interval narrow = spearman_interval(many.a, many.b, 400);
  const double value = spearman(many.a, many.b);
  EXPECT_LT(narrow.low, value);
  EXPECT_GT(narrow.high, value);
  const double ratio = (wide.high - wide.low) / (narrow.high - narrow.low);
  EXPECT_GT(ratio, 4);
  EXPECT_LT(ratio, 32);
}

TEST(SpearmanInterval, CoversTheTruthAboutAsOftenAsItSays) {
  const Pairs population = noisy_pairs(200'000, 0.3, 3);
  const double truth = spearman(population.a, population.b);
  int covered = 0;
  for (unsigned trial = 0; trial < 100; ++trial) {
    const Pairs sample = noisy_pairs(300, 0.3, 100 + trial);
    const Interval interval = spearman_interval(sample.a, sample.b, 200);
    covered += interval.low <= truth && truth <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 85);
}

TEST(SpearmanInterval, IsTheSameEachTime) {
  const Pairs pairs = noisy_pairs(50, 0.5, 4);
  const Interval once = spearman_interval(pairs.a, pairs.b, 100);
  const Interval again = spearman_interval(pairs.a, pairs.b, 100);
  EXPECT_EQ(once.low, again.low);
  EXPECT_EQ(once.high, again.high);
}

TEST(SpearmanInterval, OfTiesAndConstants) {
  const std::vector<double> constant(10, 1.0);
  const std::vector<double> rising = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(spearman_interval(constant, rising, 50).low, -1);
  EXPECT_NEAR(spearman_interval(rising, rising, 50).low, 1, 1e-12);
}

TEST(EnoughTexts, GrowsWithTheSquareOfTheNearness) {
  const Interval interval{0.990, 0.998};
  EXPECT_EQ(enough_texts(0.995, interval, 0.98, 1000), 0U);
  EXPECT_EQ(enough_texts(0.995, {0.991, 0.998}, 0.993, 1000), 4000U);
  EXPECT_EQ(enough_texts(0.995, interval, 0.995, 1000), 100'000U);
}

}  // namespace
}  // namespace hasten::fidelity
