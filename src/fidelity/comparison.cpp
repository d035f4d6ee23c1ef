#include "fidelity/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "fidelity/confidence.h"
#include "fidelity/rank_statistics.h"

namespace hasten::fidelity {
namespace {

std::vector<float> narrowed(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

Differences differences(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> sizes(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) sizes[i] = std::abs(a[i] - b[i]);
  Differences result;
  result.mean =
      std::accumulate(sizes.begin(), sizes.end(), 0.0) / static_cast<double>(sizes.size());
  result.quantile_999 = quantile(sizes, 0.999);  // sorts them
  result.largest = sizes.back();
  return result;
}

Estimate share(std::uint64_t count, std::uint64_t total) {
  return {static_cast<double>(count) / static_cast<double>(total), share_interval(count, total)};
}

Flips count_flips(std::string name, const std::vector<double>& a, const std::vector<double>& b,
                  double threshold_a, double threshold_b) {
  Flips flips;
  flips.name = std::move(name);
  flips.threshold = threshold_a;
  flips.threshold_b = threshold_b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool above_a = a[i] >= threshold_a;
    const bool above_b = b[i] >= threshold_b;
    if (above_a != above_b) ++(above_b ? flips.up : flips.down);
  }
  flips.share = share(flips.up + flips.down, a.size());
  return flips;
}

// Both sides cut at their own k-th highest score.
Flips flips_at_depth(const Depth& depth, const std::vector<double>& a,
                     const std::vector<double>& b) {
  const auto cut = [&](std::vector<double> values) {
    const auto kth = values.begin() + static_cast<std::ptrdiff_t>(depth.count - 1);
    std::nth_element(values.begin(), kth, values.end(), std::greater<>());
    return *kth;
  };
  return count_flips("top " + depth.name, a, b, cut(a), cut(b));
}

ClassAgreement compare_class(const Scores& a, const Scores& b, std::size_t class_index,
                             const ComparisonOptions& options) {
  const std::size_t classes = a.classes();
  ClassAgreement agreement;
  agreement.label = a.labels[class_index];
  const auto margins_a = margins_of(a, class_index);
  const auto margins_b = margins_of(b, class_index);
  if (a.has_logits() && b.has_logits()) {
    agreement.logits = differences(column_of(a.logits, classes, class_index),
                                   column_of(b.logits, classes, class_index));
  }
  const bool probabilities = a.has_probabilities() && b.has_probabilities();
  const auto scores_a = column_of(probabilities ? a.probabilities : a.logits, classes, class_index);
  const auto scores_b = column_of(probabilities ? b.probabilities : b.logits, classes, class_index);
  if (probabilities) {
    agreement.probabilities = differences(scores_a, scores_b);
    for (const double threshold : options.thresholds) {
      agreement.flips.push_back(
          count_flips(fmt::format("{}", threshold), scores_a, scores_b, threshold, threshold));
    }
  }
  agreement.top = compare_top(margins_a, margins_b, options.resamples);
  for (const Depth& depth : depths_of(a.rows)) {
    if (depth.count < a.rows)
      agreement.flips.push_back(flips_at_depth(depth, margins_a, margins_b));
  }
  agreement.scores_a = narrowed(scores_a);
  agreement.scores_b = narrowed(scores_b);
  agreement.margins_a = narrowed(margins_a);
  agreement.margins_b = narrowed(margins_b);
  agreement.distinct_a = count_distinct(agreement.scores_a);
  agreement.distinct_b = count_distinct(agreement.scores_b);
  return agreement;
}

// Each row's class whose score moved most; then the rows that moved most.
std::vector<MovedRow> find_moved(const std::vector<ClassAgreement>& classes, std::size_t rows,
                                 std::size_t count) {
  std::vector<MovedRow> moved(rows);
  const auto change = [](const MovedRow& row) { return std::abs(row.score_a - row.score_b); };
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const MovedRow candidate{row, i, classes[i].scores_a[row], classes[i].scores_b[row]};
      if (i == 0 || change(candidate) > change(moved[row])) moved[row] = candidate;
    }
  }
  count = std::min(count, rows);
  std::partial_sort(moved.begin(), moved.begin() + static_cast<std::ptrdiff_t>(count), moved.end(),
                    [&](const MovedRow& x, const MovedRow& y) {
                      return change(x) != change(y) ? change(x) > change(y) : x.row < y.row;
                    });
  moved.resize(count);
  std::erase_if(moved, [&](const MovedRow& row) { return change(row) == 0; });
  return moved;
}

TopAgreement compare_depth(const Depth& depth, const std::vector<double>& margins_a,
                           const std::vector<double>& margins_b,
                           const std::vector<std::uint32_t>& order_a,
                           const std::vector<std::uint32_t>& order_b, std::size_t resamples) {
  const auto top = std::span(order_a).first(depth.count);
  const auto a = gather(margins_a, top);
  const auto b = gather(margins_b, top);
  TopAgreement agreement;
  agreement.name = depth.name;
  agreement.count = depth.count;
  const bool equal = a == b;  // even where the rest is undefined: constant scores have no order
  agreement.spearman.value = equal ? 1 : spearman(a, b);
  if (resamples > 0)
    agreement.spearman.interval = equal ? Interval{1, 1} : spearman_interval(a, b, resamples);
  agreement.kendall = equal ? 1 : kendall(a, b);
  std::vector<char> in_b(order_b.size(), 0);
  for (const std::uint32_t row : std::span(order_b).first(depth.count)) in_b[row] = 1;
  const auto common =
      std::count_if(top.begin(), top.end(), [&](std::uint32_t row) { return in_b[row] != 0; });
  agreement.overlap = share(static_cast<std::uint64_t>(common), depth.count);
  return agreement;
}

}  // namespace

std::vector<Depth> depths_of(std::size_t rows) {
  std::vector<Depth> depths;
  for (const std::size_t count : {std::size_t{100}, std::size_t{1000}, std::size_t{10'000}}) {
    if (count < rows) depths.push_back({std::to_string(count), count});
  }
  if (rows >= 10) depths.push_back({"10%", rows / 10});
  std::stable_sort(depths.begin(), depths.end(),
                   [](const Depth& x, const Depth& y) { return x.count < y.count; });
  depths.push_back({"all", rows});
  return depths;
}

std::vector<TopAgreement> compare_top(const std::vector<double>& margins_a,
                                      const std::vector<double>& margins_b, std::size_t resamples) {
  const auto order_a = order_of(margins_a);
  const auto order_b = order_of(margins_b);
  std::vector<TopAgreement> top;
  for (const Depth& depth : depths_of(margins_a.size())) {
    top.push_back(compare_depth(depth, margins_a, margins_b, order_a, order_b, resamples));
  }
  return top;
}

Comparison compare(const Scores& a, const Scores& b, const ComparisonOptions& options) {
  assert(a.rows == b.rows && a.rows > 0 && a.classes() == b.classes());
  Comparison comparison;
  std::uint64_t agreeing = 0;
  for (std::size_t row = 0; row < a.rows; ++row) {
    agreeing += best_class(a, row) == best_class(b, row) ? 1 : 0;
  }
  comparison.argmax_agreement = share(agreeing, a.rows);
  for (std::size_t i = 0; i < a.classes(); ++i) {
    comparison.classes.push_back(compare_class(a, b, i, options));
  }
  comparison.moved = find_moved(comparison.classes, a.rows, options.moved_texts);
  return comparison;
}

}  // namespace hasten::fidelity
