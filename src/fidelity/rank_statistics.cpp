#include "fidelity/rank_statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace hasten::fidelity {
namespace {

constexpr double k_undefined = std::numeric_limits<double>::quiet_NaN();

// Pairs within groups of equal neighbours of a sorted sequence of `count` elements.
template <typename Equal>
std::uint64_t tied_pairs(std::size_t count, const Equal& equal) {
  std::uint64_t pairs = 0;
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin + 1;
    while (end < count && equal(begin, end)) ++end;
    const std::uint64_t size = end - begin;
    pairs += size * (size - 1) / 2;
    begin = end;
  }
  return pairs;
}

// Sorts `values` by merging and counts the exchanges of neighbours that a bubble sort would make.
std::uint64_t sort_counting_exchanges(std::vector<double>& values) {
  std::uint64_t exchanges = 0;
  std::vector<double> merged(values.size());
  for (std::size_t width = 1; width < values.size(); width *= 2) {
    for (std::size_t begin = 0; begin < values.size(); begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, values.size());
      const std::size_t end = std::min(begin + 2 * width, values.size());
      std::size_t left = begin;
      std::size_t right = middle;
      for (std::size_t out = begin; out < end; ++out) {
        if (left < middle && (right == end || values[left] <= values[right])) {
          merged[out] = values[left++];
        } else {
          exchanges += middle - left;
          merged[out] = values[right++];
        }
      }
    }
    values.swap(merged);
  }
  return exchanges;
}

}  // namespace

std::vector<std::uint32_t> order_of(std::span<const double> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t index) {
    return std::isnan(values[index]) ? -std::numeric_limits<double>::infinity() : values[index];
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t x, std::uint32_t y) { return key(x) > key(y); });
  return order;
}

std::vector<double> mean_ranks(std::span<const double> values) {
  std::vector<std::uint32_t> order = order_of(values);
  std::reverse(order.begin(), order.end());
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = (static_cast<double>(begin + 1) + static_cast<double>(end)) / 2;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

double pearson(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  if (a.size() < 2) return k_undefined;
  const auto count = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / count;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / count;
  double product = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  if (square_a == 0 || square_b == 0) return k_undefined;
  return std::clamp(product / std::sqrt(square_a) / std::sqrt(square_b), -1.0, 1.0);
}

double spearman(std::span<const double> a, std::span<const double> b) {
  return pearson(mean_ranks(a), mean_ranks(b));
}

double kendall(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  const std::size_t count = a.size();
  if (count < 2) return k_undefined;
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
    return a[x] != a[y] ? a[x] < a[y] : b[x] < b[y];
  });
  const auto same_a = [&](std::size_t i, std::size_t j) { return a[order[i]] == a[order[j]]; };
  const auto same_both = [&](std::size_t i, std::size_t j) {
    return same_a(i, j) && b[order[i]] == b[order[j]];
  };
  const std::uint64_t ties_a = tied_pairs(count, same_a);
  const std::uint64_t ties_both = tied_pairs(count, same_both);
  std::vector<double> sorted = gather(b, order);
  const std::uint64_t discordant = sort_counting_exchanges(sorted);
  const std::uint64_t ties_b =
      tied_pairs(count, [&](std::size_t i, std::size_t j) { return sorted[i] == sorted[j]; });
  const std::uint64_t pairs = static_cast<std::uint64_t>(count) * (count - 1) / 2;
  if (ties_a == pairs || ties_b == pairs) return k_undefined;
  const double difference = static_cast<double>(pairs) - static_cast<double>(ties_a) -
                            static_cast<double>(ties_b) + static_cast<double>(ties_both) -
                            2 * static_cast<double>(discordant);
  return std::clamp(difference / std::sqrt(static_cast<double>(pairs - ties_a)) /
                        std::sqrt(static_cast<double>(pairs - ties_b)),
                    -1.0, 1.0);
}

double quantile(std::vector<double>& values, double q) {
  assert(!values.empty());
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

std::size_t count_distinct(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  return static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
}

std::vector<double> gather(std::span<const double> values, std::span<const std::uint32_t> indexes) {
  std::vector<double> gathered(indexes.size());
  for (std::size_t i = 0; i < indexes.size(); ++i) gathered[i] = values[indexes[i]];
  return gathered;
}

}  // namespace hasten::fidelity
