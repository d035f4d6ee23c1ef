#include "fidelity/confidence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "fidelity/rank_statistics.h"

namespace hasten::fidelity {
namespace {

constexpr double k_normal_quantile = 1.959963984540054;  // two-sided 95 %
constexpr double k_most_growth = 100;

// Pairs in the order of one side, for ranks of a resample without sorting it again.
class RankedSide {
 public:
  explicit RankedSide(std::span<const double> values)
      : order_(order_of(values)), group_end_(order_.size()) {
    std::size_t end = order_.size();
    for (std::size_t i = order_.size(); i-- > 0;) {
      if (i + 1 < order_.size() && values[order_[i]] != values[order_[i + 1]]) end = i + 1;
      group_end_[i] = static_cast<std::uint32_t>(end);
    }
  }

  // The mean rank of each pair when pair i is there counts[i] times.
  void rank(std::span<const std::uint32_t> counts, std::span<double> ranks) const {
    double before = 0;
    for (std::size_t begin = 0; begin < order_.size(); begin = group_end_[begin]) {
      double size = 0;
      for (std::size_t i = begin; i < group_end_[begin]; ++i) size += counts[order_[i]];
      const double rank = before + (size + 1) / 2;
      for (std::size_t i = begin; i < group_end_[begin]; ++i) ranks[order_[i]] = rank;
      before += size;
    }
  }

 private:
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> group_end_;  // where the group of equal values around a place ends
};

double weighted_pearson(std::span<const double> a, std::span<const double> b,
                        std::span<const std::uint32_t> counts) {
  // Mean ranks of n pairs have the mean (n + 1) / 2.
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double product = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double weight = counts[i];
    product += weight * (a[i] - mean) * (b[i] - mean);
    square_a += weight * (a[i] - mean) * (a[i] - mean);
    square_b += weight * (b[i] - mean) * (b[i] - mean);
  }
  return product / std::sqrt(square_a) / std::sqrt(square_b);
}

}  // namespace

Interval share_interval(std::uint64_t count, std::uint64_t total) {
  if (total == 0) return {0, 1};
  const auto n = static_cast<double>(total);
  const double share = static_cast<double>(count) / n;
  const double z2 = k_normal_quantile * k_normal_quantile;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half =
      k_normal_quantile / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return {count == 0 ? 0 : centre - half, count == total ? 1 : centre + half};
}

Interval spearman_interval(std::span<const double> a, std::span<const double> b,
                           std::size_t resamples) {
  const std::size_t count = a.size();
  if (count < 3 || resamples == 0) return {-1, 1};
  const RankedSide side_a(a);
  const RankedSide side_b(b);
  std::mt19937_64 generator(20201116);
  std::vector<std::uint32_t> counts(count);
  std::vector<double> ranks_a(count), ranks_b(count), results;
  for (std::size_t sample = 0; sample < resamples; ++sample) {
    std::fill(counts.begin(), counts.end(), 0U);
    // The high half of a product maps 32 random bits to [0, count).
    for (std::size_t i = 0; i < count; ++i) ++counts[((generator() >> 32) * count) >> 32];
    side_a.rank(counts, ranks_a);
    side_b.rank(counts, ranks_b);
    const double result = weighted_pearson(ranks_a, ranks_b, counts);
    if (!std::isnan(result)) results.push_back(result);
  }
  if (results.empty()) return {-1, 1};
  const double low = quantile(results, 0.025);
  return {low, quantile(results, 0.975)};
}

std::uint64_t enough_texts(double value, const Interval& interval, double limit,
                           std::uint64_t texts) {
  if (limit < interval.low || limit > interval.high) return 0;
  const double half = limit < value ? value - interval.low : interval.high - value;
  const double distance = std::abs(value - limit);
  const double growth = distance * std::sqrt(k_most_growth) <= half
                            ? k_most_growth
                            : (half / distance) * (half / distance);
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(texts) * std::max(growth, 1.0)));
}

}  // namespace hasten::fidelity
