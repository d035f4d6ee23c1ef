// VerifyReport -> one HTML page.
#include <fmt/format.h>

#include <hasten/verify.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fidelity/rank_statistics.h"
#include "report/page.h"
#include "report/plot.h"

namespace hasten {
namespace {

using report::Axis;
using report::count_text;
using report::escape;
using report::Plot;
using report::Point;

constexpr std::size_t k_plotted_classes = 12;
constexpr std::size_t k_histogram_bins = 41;
constexpr std::size_t k_curve_steps = 200;
constexpr std::size_t k_ranked_texts = 1000;

std::string figure_text(double value, int digits = 4) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "–";
}

std::string estimate_cell(const Estimate& estimate, int digits = 4) {
  std::string cell = figure_text(estimate.value, digits);
  if (estimate.interval) {
    cell += fmt::format("<span class=\"interval\">{} – {}</span>",
                        figure_text(estimate.interval->low, digits),
                        figure_text(estimate.interval->high, digits));
  }
  return cell;
}

std::string share_cell(const Estimate& estimate) {
  std::string cell = fmt::format("{:.3g} %", estimate.value * 100);
  if (estimate.interval)
    cell += fmt::format("<span class=\"interval\">{:.3g} – {:.3g} %</span>",
                        estimate.interval->low * 100, estimate.interval->high * 100);
  return cell;
}

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
  const auto order_a = fidelity::order_of(a), order_b = fidelity::order_of(b);
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

std::string speed_bars(const VerifyReport& report) {
  std::vector<report::Bar> speeds;
  for (const SideSummary* side : {&report.a, &report.b}) {
    if (side->seconds == 0) continue;
    const bool is_a = side == &report.a;
    speeds.push_back({is_a ? "A" : "B", side->texts_per_second,
                      count_text(static_cast<std::uint64_t>(side->texts_per_second)) + " texts/s",
                      is_a});
  }
  if (speeds.empty()) return {};
  std::string caption = "From strings to scores, in this run.";
  if (speeds.size() == 2)
    caption = fmt::format("B is {:.2f}x as fast as A, from strings to scores, in this run.",
                          report.a.seconds / report.b.seconds);
  return report::figure("Speed", report::bars("Speed of both sides", speeds), caption);
}

std::string memory_bars(const VerifyReport& report) {
  std::vector<report::Bar> values;
  for (const SideSummary* side : {&report.a, &report.b}) {
    if (side->peak_memory == 0) continue;
    const bool is_a = side == &report.a;
    values.push_back({is_a ? "A" : "B", static_cast<double>(side->peak_memory),
                      fmt::format("{:.0f} MB", static_cast<double>(side->peak_memory) / 1e6),
                      is_a});
  }
  if (values.empty()) return {};
  return report::figure(
      "Memory", report::bars("Memory of both sides", values),
      "The most that the process held during the pass, both models' files included.");
}

std::string top_table(const ClassAgreement& agreement) {
  std::vector<std::vector<std::string>> rows;
  for (const TopAgreement& top : agreement.top) {
    rows.push_back({top.name == "all" ? "all texts" : "top " + top.name, count_text(top.count),
                    estimate_cell(top.spearman), figure_text(top.kendall),
                    share_cell(top.overlap)});
  }
  return report::table({"within A's", "texts", "Spearman", "Kendall", "overlap"}, rows);
}

std::string difference_table(const ClassAgreement& agreement) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](const char* name, const std::optional<Differences>& differences) {
    if (differences)
      rows.push_back({name, fmt::format("{:.3g}", differences->largest),
                      fmt::format("{:.3g}", differences->quantile_999),
                      fmt::format("{:.3g}", differences->mean)});
  };
  add("logit", agreement.logits);
  add("probability", agreement.probabilities);
  std::vector<std::vector<std::string>> flips;
  for (const Flips& each : agreement.flips)
    flips.push_back(
        {each.name, count_text(each.up), count_text(each.down), share_cell(each.share)});
  const std::string distinct =
      fmt::format("<p class=\"note\">Different scores: {} in A, {} in B.</p>",
                  count_text(agreement.distinct_a), count_text(agreement.distinct_b));
  return report::table({"difference of the", "largest", "99.9 % below", "mean"}, rows) +
         report::table({"flips at", "up", "down", "of the texts"}, flips) + distinct;
}

std::string class_panel(const ClassAgreement& agreement) {
  std::vector<std::string> cards = {scatter(agreement), rank_plot(agreement), histogram(agreement)};
  if (has_probabilities(agreement)) cards.push_back(flip_curve(agreement));
  return top_table(agreement) + report::grid(cards, true) + "<p></p>" + difference_table(agreement);
}

std::string budget_table(const VerifyReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const BudgetResult& clause : report.clauses) {
    rows.push_back(
        {report::escape_clause(clause.clause), escape(clause.label),
         estimate_cell(clause.measured, 5),
         fmt::format("<span class=\"{}\">{}</span>{}", clause.holds ? "holds" : "fails",
                     clause.holds ? "holds" : "fails",
                     clause.certain ? "" : "<span class=\"interval\">not certain</span>")});
  }
  return report::table({"budget", "worst class", "measured (95\u00a0%)", ""}, rows);
}

std::string finding_list(const VerifyReport& report) {
  std::string html = "<ul class=\"findings\">";
  for (const Finding& finding : report.findings)
    html += fmt::format("<li><em>{}</em>{}</li>\n", escape(finding.kind), escape(finding.message));
  for (const std::string& note : report.notes)
    html += fmt::format("<li class=\"note\">{}</li>\n", escape(note));
  return html + "</ul>";
}

std::string moved_table(const VerifyReport& report, bool with_texts) {
  std::vector<std::vector<std::string>> rows;
  for (const MovedText& moved : report.moved) {
    const ClassAgreement& agreement = report.classes[moved.class_index];
    std::string id = std::to_string(moved.row);
    if (const auto* number = std::get_if<std::int64_t>(&moved.id)) id = std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&moved.id)) id = *text;
    std::vector<std::string> row = {
        escape(id), escape(agreement.label), figure_text(moved.score_a, 5),
        figure_text(moved.score_b, 5),
        has_probabilities(agreement) ? report::dumbbell(moved.score_a, moved.score_b) : ""};
    if (with_texts)
      row.insert(row.begin() + 1, "<td class=\"text\">" + escape(moved.text) + "</td>");
    rows.push_back(std::move(row));
  }
  std::vector<std::string> header = {"row or id", "class", "A", "B", "A (grey) to B (blue)"};
  if (with_texts) header.insert(header.begin() + 1, "<th class=\"text\">text</th>");
  return report::table(header, rows);
}

std::string sides_list(const VerifyReport& report) {
  std::string html = "<div class=\"card\"><dl>";
  for (const SideSummary* side : {&report.a, &report.b}) {
    html +=
        fmt::format("<dt>{}</dt><dd>{}<br><span class=\"note\">{}</span></dd>",
                    side == &report.a ? "A" : "B", escape(side->name), escape(side->description));
  }
  html += fmt::format("<dt>Texts</dt><dd>{} compared of {} rows</dd>", count_text(report.compared),
                      count_text(report.rows));
  if (report.classes.size() > 1)
    html += fmt::format("<dt>Argmax</dt><dd>{:.3f} % have the same first class</dd>",
                        report.argmax_agreement.value * 100);
  return html + "</dl></div>";
}

// Classes in the order of the report; beyond so many, those whose top tenth agrees least.
std::vector<report::Tab> class_tabs(const VerifyReport& report) {
  std::vector<std::size_t> shown(report.classes.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  if (shown.size() > k_plotted_classes) {
    const auto agreement = [&](std::size_t i) {
      return report.classes[i].top.front().spearman.value;
    };
    std::stable_sort(shown.begin(), shown.end(),
                     [&](std::size_t x, std::size_t y) { return agreement(x) < agreement(y); });
    shown.resize(k_plotted_classes);
  }
  std::vector<report::Tab> tabs;
  tabs.reserve(shown.size());
  for (const std::size_t i : shown)
    tabs.push_back({report.classes[i].label, class_panel(report.classes[i])});
  return tabs;
}

}  // namespace

std::string to_html(const VerifyReport& report, bool with_texts) {
  report::Page page("Is there a trade-off?",
                    fmt::format("{} against {}, on {} texts", escape(report.b.name),
                                escape(report.a.name), count_text(report.compared)));
  const std::string speed =
      report.a.seconds > 0 && report.b.seconds > 0
          ? fmt::format(" B is {:.2f}x as fast as A.", report.a.seconds / report.b.seconds)
          : "";
  page.add_verdict(report.passed,
                   report.passed ? "Pass: B keeps A's scores within the budget"
                                 : "Fail: B does not keep A's scores within the budget",
                   "Budget: " + report.budget + "." + speed);
  page.add_section("Budget", budget_table(report));
  if (!report.findings.empty() || !report.notes.empty())
    page.add_section("What was found", finding_list(report));
  std::vector<std::string> cards = {sides_list(report)};
  for (std::string card : {speed_bars(report), memory_bars(report)}) {
    if (!card.empty()) cards.push_back(std::move(card));
  }
  page.add_section("The two sides", report::grid(cards));
  page.add_section(report.classes.size() > 1 ? "Class by class" : "Scores",
                   report::tabs("class", class_tabs(report)));
  if (!report.moved.empty())
    page.add_section("Texts that moved most", moved_table(report, with_texts));
  return page.str();
}

}  // namespace hasten
