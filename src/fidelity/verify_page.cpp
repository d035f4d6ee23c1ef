// VerifyReport -> one HTML page.
#include <fmt/format.h>

#include <hasten/verify.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fidelity/verify_plots.h"
#include "report/page.h"
#include "report/plot.h"

namespace hasten {
namespace {

using report::count_text;
using report::escape;

constexpr std::size_t k_plotted_classes = 12;

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
  return top_table(agreement) + report::grid(fidelity::plots_of(agreement), true) + "<p></p>" +
         difference_table(agreement);
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
        agreement.probabilities ? report::dumbbell(moved.score_a, moved.score_b) : ""};
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
