#include "fidelity/verify_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fidelity/rank_statistics.h"
#include "report/page.h"
#include "report/plot.h"

namespace hasten::fidelity {
namespace {

using report::Axis;
using report::count_text;
using report::Plot;
using report::Point;

constexpr std::size_t k_histogram_bins = 41;
constexpr std::size_t k_curve_steps = 200;
constexpr std::size_t k_ranked_texts = 1000;

bool has_probabilities(const ClassAgreement& agreement) {
  return agreement.probabilities.has_value();
}

// Both axes of a scatter: a little more than all values.
Axis common_axis(const std::vector<float>& a, const std::vector<float>& b, std::string label) {
  const auto [low_a, high_a] = std::minmax_element(a.begin(), a.end());
  const auto [low_b, high_b] = std::minmax_element(b.begin(), b.end());
  const double low = std::min(*low_a, *low_b), high = std::max(*high_a, *high_b);
  const double room = std::max(1e-9, (high - low) * 0.03);
  return {std::move(label), low - room, high + room, false, 5};
}

std::string scatter(const ClassAgreement& agreement) {
  const bool odds = agreement.logits.has_value();
  const char* unit = odds ? "log-odds" : "score";
  Axis x = common_axis(agreement.margins_a, agreement.margins_b, fmt::format("A: {}", unit));
  Axis y = x;
  y.label = fmt::format("B: {}", unit);
  Plot plot("A against B", x, y);
  plot.add_line({{x.low, x.low}, {x.high, x.high}}, "guide");
  std::vector<Point> points, flipped;
  const double cut = 0.5;
  for (std::size_t i = 0; i < agreement.margins_a.size(); ++i) {
    const bool flips = has_probabilities(agreement) &&
                       (agreement.scores_a[i] >= cut) != (agreement.scores_b[i] >= cut);
    (flips ? flipped : points).emplace_back(agreement.margins_a[i], agreement.margins_b[i]);
  }
  plot.add_points(points);
  plot.add_points(flipped, true);
  return report::figure(
      "Every text, A against B", plot.str(),
      fmt::format("On the dashed line both sides say the same. {} texts change sides at 0.5.",
                  count_text(flipped.size())));
}

std::string histogram(const ClassAgreement& agreement) {
  double largest = 1e-12;
  for (std::size_t i = 0; i < agreement.scores_a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(agreement.scores_b[i]) -
                                         static_cast<double>(agreement.scores_a[i])));
  }
  std::vector<std::uint64_t> bins(k_histogram_bins);
  for (std::size_t i = 0; i < agreement.scores_a.size(); ++i) {
    const double difference =
        static_cast<double>(agreement.scores_b[i]) - static_cast<double>(agreement.scores_a[i]);
    const double share = (difference / largest + 1) / 2;
    ++bins[std::min(k_histogram_bins - 1,
                    static_cast<std::size_t>(share * static_cast<double>(k_histogram_bins)))];
  }
  const double tallest =
      std::log10(1.0 + static_cast<double>(*std::max_element(bins.begin(), bins.end())));
  Axis x{has_probabilities(agreement) ? "B - A, probability" : "B - A", -largest, largest, false,
         5};
  Plot plot("Histogram of differences", x,
            {"texts, powers of ten", 0, std::max(1.0, tallest * 1.05), false, 5});
  const double width = 2 * largest / static_cast<double>(k_histogram_bins);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i] == 0) continue;
    const double from = -largest + static_cast<double>(i) * width;
    plot.add_column(from, from + width, std::log10(1.0 + static_cast<double>(bins[i])),
                    fmt::format("{:.2g} to {:.2g}: {} texts", from, from + width, bins[i]));
  }
  const Differences& differences =
      has_probabilities(agreement) ? *agreement.probabilities : *agreement.logits;
  return report::figure("How far scores move", plot.str(),
                        fmt::format("99.9 % of the texts move by less than {:.2g}, the mean is "
                                    "{:.2g}. The height is logarithmic: 3 means 1,000 texts.",
                                    differences.quantile_999, differences.mean));
}

std::string rank_plot(const ClassAgreement& agreement) {
  const std::vector<double> a(agreement.margins_a.begin(), agreement.margins_a.end());
  const std::vector<double> b(agreement.margins_b.begin(), agreement.margins_b.end());
  const auto order_a = order_of(a), order_b = order_of(b);
  const std::size_t count =
      std::min(k_ranked_texts, std::max<std::size_t>(2, a.size() < 20 ? a.size() : a.size() / 10));
  std::vector<std::size_t> rank_b(b.size());
  for (std::size_t i = 0; i < order_b.size(); ++i) rank_b[order_b[i]] = i + 1;
  const auto last = static_cast<double>(count);
  Plot plot("Ranks of the top texts", {"rank by A", 0, last * 1.02, false, 5},
            {"rank by B", 0, last * 1.12, false, 5});
  plot.add_line({{0, 0}, {last, last}}, "guide");
  std::vector<Point> within, beyond;
  for (std::size_t i = 0; i < std::min(count, order_a.size()); ++i) {
    const auto rank = static_cast<double>(rank_b[order_a[i]]);
    (rank <= last ? within : beyond).emplace_back(i + 1, std::min(rank, last * 1.08));
  }
  plot.add_points(within);
  plot.add_points(beyond, true);
  return report::figure(
      fmt::format("The order of A's top {}", count_text(count)), plot.str(),
      fmt::format(
          "Rank 1 is the highest score. {} of them fall out of B's top {} (along the upper edge).",
          beyond.size(), count_text(count)));
}

// For each threshold the share of texts whose scores lie on different sides of it.
std::string flip_curve(const ClassAgreement& agreement) {
  std::vector<std::int64_t> change(k_curve_steps + 2);
  for (std::size_t i = 0; i < agreement.scores_a.size(); ++i) {
    const double low = std::min(agreement.scores_a[i], agreement.scores_b[i]),
                 high = std::max(agreement.scores_a[i], agreement.scores_b[i]);
    const auto step = [](double score) {
      return static_cast<std::size_t>(
          std::clamp(std::floor(score * k_curve_steps) + 1, 0.0, k_curve_steps + 1.0));
    };
    ++change[step(low)];  // the first threshold above the lower score
    --change[step(high)];
  }
  std::vector<Point> curve;
  double most = 0;
  std::int64_t flips = 0;
  for (std::size_t i = 0; i <= k_curve_steps; ++i) {
    flips += change[i];
    const double share =
        static_cast<double>(flips) / static_cast<double>(agreement.scores_a.size());
    curve.emplace_back(static_cast<double>(i) / k_curve_steps, share);
    most = std::max(most, share);
  }
  Plot plot("Flips by threshold", {"threshold of the probability", 0, 1, false, 5},
            {"texts that flip", 0, std::max(1e-4, most * 1.1), true, 5});
  plot.add_area(curve);
  return report::figure(
      "Decisions that flip, by threshold", plot.str(),
      fmt::format("At the worst threshold {:.2g} % of the texts are decided differently.",
                  most * 100));
}

}  // namespace

std::vector<std::string> plots_of(const ClassAgreement& agreement) {
  std::vector<std::string> cards = {scatter(agreement), rank_plot(agreement), histogram(agreement)};
  if (has_probabilities(agreement)) cards.push_back(flip_curve(agreement));
  return cards;
}

}  // namespace hasten::fidelity
