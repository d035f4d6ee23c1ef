#include "fidelity/rank_statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "base/json.h"
#include "base/mapped_file.h"

namespace hasten::fidelity {
namespace {

// Made by tests/goldens/rank_statistics/make_golden.py.
constexpr char k_golden[] = HASTEN_SOURCE_DIR "/tests/goldens/rank_statistics/golden.json";
constexpr double k_tolerance = 1e-12;

std::vector<double> numbers(const Json& json) {
  std::vector<double> values;
  for (const Json& each : json.as_array("values")) values.push_back(each.as_number("value"));
  return values;
}

Json golden() {
  return Json::parse(read_file(k_golden), k_golden);
}

void expect_equal(double value, const Json& expected, const std::string& what) {
  if (expected.is_null()) {
    EXPECT_TRUE(std::isnan(value)) << what;
  } else {
    EXPECT_NEAR(value, expected.as_number("expected"), k_tolerance) << what;
  }
}

TEST(RankStatistics, EqualScipys) {
  const Json document = golden();
  ASSERT_GE(document["cases"].as_array("cases").size(), 10U);
  for (const Json& each : document["cases"].as_array("cases")) {
    const std::string name = each["name"].as_string("name");
    const auto a = numbers(each["a"]);
    const auto b = numbers(each["b"]);
    expect_equal(spearman(a, b), each["spearman"], name);
    expect_equal(spearman(b, a), each["spearman"], name + ", swapped");
    expect_equal(kendall(a, b), each["kendall"], name);
    expect_equal(kendall(b, a), each["kendall"], name + ", swapped");
  }
}

TEST(RankStatistics, QuantilesEqualNumpys) {
  const double quantiles[] = {0.0, 0.025, 0.5, 0.975, 0.999, 1.0};
  const Json document = golden();
  for (const Json& each : document["cases"].as_array("cases")) {
    const auto expected = numbers(each["quantiles"]);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      auto values = numbers(each["a"]);
      EXPECT_NEAR(quantile(values, quantiles[i]), expected[i], k_tolerance * std::abs(expected[i]));
    }
  }
}

TEST(RankStatistics, OrderPutsEqualValuesByIndexAndNanLast) {
  EXPECT_EQ(order_of(std::vector<double>{1, 3, std::nan(""), 3, 2}),
            (std::vector<std::uint32_t>{1, 3, 4, 0, 2}));
}

TEST(RankStatistics, MeanRanksOfTies) {
  EXPECT_EQ(mean_ranks(std::vector<double>{5, 1, 5, 0}), (std::vector<double>{3.5, 2, 3.5, 1}));
}

TEST(RankStatistics, CountsDistinctScores) {
  EXPECT_EQ(count_distinct({0.5F, 0.25F, 0.5F}), 2U);
  EXPECT_EQ(count_distinct({}), 0U);
}

TEST(RankStatistics, OfTooFewValuesIsUndefined) {
  EXPECT_TRUE(std::isnan(spearman(std::vector<double>{1}, std::vector<double>{1})));
  EXPECT_TRUE(std::isnan(kendall({}, {})));
}

}  // namespace
}  // namespace hasten::fidelity
