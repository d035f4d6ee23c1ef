// TuneReport -> one HTML page.
#include <fmt/format.h>

#include <hasten/tune.h>

#include <algorithm>
#include <cmath>

#include "report/page.h"
#include "report/plot.h"

namespace hasten {
namespace {

using report::escape;
using report::Plot;
using report::Point;

// Speed against what was measured; the line joins the plans that no other beats in both.
std::string frontier(const TuneReport& report) {
  double fastest = 1, low = 1, high = 0;
  for (const TunePoint& point : report.points) {
    fastest = std::max(fastest, point.speed);
    low = std::min(low, point.figure);
    high = std::max(high, point.figure);
  }
  if (!report.clauses.empty()) {
    low = std::min(low, report.clauses[0].limit);
    high = std::max(high, report.clauses[0].limit);
  }
  const double room = std::max(1e-6, (high - low) * 0.08);
  const std::string name = report.clauses.empty() ? "measured" : report.clauses[0].clause;
  Plot plot("Speed against fidelity", {"times as fast as fp32", 0.8, fastest * 1.08, false, 6},
            {name.substr(0, name.find_first_of("<>=")), low - room, high + room, false, 5});
  if (!report.clauses.empty())
    plot.add_line({{0.8, report.clauses[0].limit}, {fastest * 1.08, report.clauses[0].limit}},
                  "guide");
  std::vector<Point> all, best, chosen;
  for (const TunePoint& point : report.points) {
    all.emplace_back(point.speed, point.figure);
    if (point.chosen) chosen.emplace_back(point.speed, point.figure);
    const bool beaten =
        std::any_of(report.points.begin(), report.points.end(), [&](const TunePoint& other) {
          return other.speed > point.speed && other.figure > point.figure;
        });
    if (!beaten) best.emplace_back(point.speed, point.figure);
  }
  std::sort(best.begin(), best.end());
  plot.add_line(best, "curve");
  plot.add_points(all);
  plot.add_points(chosen, true);
  for (const TunePoint& point : report.points) {
    if (point.name.find(',') == std::string::npos)
      plot.add_text({point.speed, point.figure}, point.name);
  }
  return report::figure(
      "What speed costs", plot.str(),
      "Each point is a plan whose fidelity was measured; the dashed line is the budget's "
      "limit, the red point the plan that was chosen.");
}

std::string speed_bars(const TuneReport& report) {
  std::vector<report::Bar> speeds = {{"fp32", 1, "1.00x", true}};
  const auto add = [&](const std::string& name, double value, bool is_a) {
    speeds.push_back({name, value, fmt::format("{:.2f}x", value), is_a});
  };
  if (report.speed_over_bf16 > 0) {
    const double bf16 = report.speed_over_fp32 / report.speed_over_bf16;
    add("bf16", bf16, true);
    add("int8 everywhere", report.int8_over_bf16 * bf16, true);
  }
  add("the plan", report.speed_over_fp32, false);
  return report::figure("Speed", report::bars("Speed by precision", speeds),
                        "By processor time from strings to scores, in this run.");
}

std::string sensitivity_table(const TuneReport& report) {
  double largest = 1e-300;
  for (const ProductSensitivity& each : report.sensitivities)
    largest = std::max(largest, std::sqrt(each.error));
  std::vector<std::vector<std::string>> rows;
  for (const ProductSensitivity& each : report.sensitivities) {
    const double share = std::sqrt(each.error) / largest;
    const std::string bar = fmt::format(
        "<svg class=\"spark\" viewBox=\"0 0 120 12\" aria-hidden=\"true\"><rect "
        "class=\"bar{}\" x=\"0\" y=\"1\" width=\"{:.1f}\" height=\"10\" rx=\"2\"/></svg>",
        each.chosen == each.precision ? "" : " mark", std::max(1.0, share * 120));
    rows.push_back({escape(each.product), name_of(each.chosen), bar,
                    fmt::format("{:.3g}", std::sqrt(each.error)),
                    fmt::format("{:.2f} %", each.saving * 100)});
  }
  return report::table({"matrix product", "plan", "error alone", "", "saving"}, rows);
}

std::string clause_table(const TuneReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const BudgetResult& clause : report.clauses) {
    const std::string interval =
        clause.measured.interval
            ? fmt::format("<span class=\"interval\">{:.5f} – {:.5f}</span>",
                          clause.measured.interval->low, clause.measured.interval->high)
            : "";
    rows.push_back(
        {report::escape_clause(clause.clause), escape(clause.label),
         fmt::format("{:.5f}", clause.measured.value) + interval,
         fmt::format("<span class=\"{0}\">{0}</span>", clause.holds ? "holds" : "fails")});
  }
  return report::table({"budget", "worst class", "measured (95\u00a0%)", ""}, rows);
}

}  // namespace

std::string to_html(const TuneReport& report) {
  report::Page page(
      "How fast without a trade-off?",
      fmt::format("{}, {} texts", escape(report.model), report::count_text(report.texts)));
  const bool holds = std::all_of(report.clauses.begin(), report.clauses.end(),
                                 [](const BudgetResult& clause) { return clause.holds; });
  page.add_verdict(
      holds, fmt::format("{}: {:.2f}x as fast as fp32", report.plan, report.speed_over_fp32),
      fmt::format("Budget: {}.{}", report.budget,
                  report.speed_over_bf16 > 0
                      ? fmt::format(" {:.2f}x as fast as bf16.", report.speed_over_bf16)
                      : ""));
  page.add_section("Budget, on all texts", clause_table(report));
  page.add_section("The frontier", report::grid({frontier(report), speed_bars(report)}, true));
  if (!report.notes.empty()) {
    std::string notes = "<ul class=\"findings\">";
    for (const std::string& note : report.notes)
      notes += "<li class=\"note\">" + escape(note) + "</li>";
    page.add_section("Notes", notes + "</ul>");
  }
  if (!report.sensitivities.empty())
    page.add_section(
        "Product by product",
        "<p class=\"note\">The error is the root mean square of the change of the class "
        "margins when this product alone is computed in the lower precision; the "
        "saving is of fp32's time. Red: kept out of it.</p>" +
            sensitivity_table(report));
  return page.str();
}

}  // namespace hasten
