#include "api/label_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/page.h"
#include "report/plot.h"

namespace hasten::api {
namespace {

using report::count_text;
using report::escape;

std::string share_text(std::uint64_t count, std::uint64_t all) {
  const double percent =
      100.0 * static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(1, all));
  return fmt::format("{} ({:.{}f} %)", count_text(count), percent, percent < 1 ? 3 : 1);
}

std::string count_bars(const char* name, const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t all = 0;
  for (const auto& [key, count] : counts) all += count;
  std::vector<report::Bar> bars;
  bars.reserve(counts.size());
  for (const auto& [key, count] : counts) {
    bars.push_back({key, static_cast<double>(count), share_text(count, all)});
  }
  return report::bars(name, bars);
}

std::string rows_section(const LabelPage& page) {
  std::vector<std::string> cards = {
      report::figure("Rows by status", count_bars("Rows by status", page.rows_by_status),
                     "Every row of the inputs has a row in the parts, whatever its status.")};
  for (const auto& [model, counts] : page.rows_by_label) {
    cards.push_back(report::figure("Labels of " + model, count_bars("Labels", counts),
                                   "The class with the highest score, of the rows with a text."));
  }
  return report::grid(cards);
}

std::string stage_bars(const LabelSpeed& speed) {
  std::vector<report::Bar> bars;
  const auto add = [&](const char* name, double seconds) {
    bars.push_back({name, seconds, fmt::format("{:.2f} s", seconds)});
  };
  add("read", speed.read_seconds);
  add("tokenise", speed.encode_seconds);
  add("compute", speed.compute_seconds);
  add("write", speed.write_seconds);
  add("idle", speed.idle_seconds);
  return report::figure("Time by stage", report::bars("Time by stage", bars),
                        "Seconds of all threads of all runs; the stages run side by side.");
}

std::string rate(std::uint64_t count, double seconds) {
  if (seconds <= 0) return "";
  return count_text(static_cast<std::uint64_t>(static_cast<double>(count) / seconds));
}

std::string stage_table(const LabelSpeed& speed) {
  const std::vector<std::vector<std::string>> rows = {
      {"texts tokenised, once for all models that see them alike", count_text(speed.encoded_texts),
       rate(speed.encoded_texts, speed.encode_seconds)},
      {"of these duplicates, not computed", share_text(speed.duplicates, speed.encoded_texts), ""},
      {"texts computed, once for each model", count_text(speed.forward_texts),
       rate(speed.forward_texts, speed.compute_seconds)},
      {"tokens computed", count_text(speed.forward_tokens),
       rate(speed.forward_tokens, speed.compute_seconds)}};
  return report::table({"", "number", "a second of one thread"}, rows);
}

std::string runs_list(const LabelPage& page) {
  return fmt::format(
      "<div class=\"card\"><dl><dt>Runs</dt><dd>{}, together {:.1f} s</dd>"
      "<dt>Texts a second</dt><dd>{} of one run</dd>"
      "<dt>Memory</dt><dd>{:.0f} MB at most, of one run</dd></dl></div>",
      count_text(page.runs), page.speed.seconds, rate(page.rows, page.speed.seconds),
      static_cast<double>(page.speed.peak_memory) / 1e6);
}

std::string settings_table(const LabelPage& page) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : page.settings) {
    if (!value.empty())
      rows.push_back({escape(name), "<td class=\"text\">" + escape(value) + "</td>"});
  }
  return report::table({"setting", "<th class=\"text\">value</th>"}, rows);
}

}  // namespace

std::string to_html(const LabelPage& page) {
  report::Page html("What was labelled", escape(page.output));
  html.add_verdict(true,
                   fmt::format("{} rows in {} part{}, each once", count_text(page.rows),
                               count_text(page.parts), page.parts == 1 ? "" : "s"),
                   page.is_file ? "Complete: the file appeared when its last row was written."
                                : "Complete: every part was read again and has its recorded hash.");
  html.add_section("Rows and labels", rows_section(page));
  html.add_section("Speed", report::grid({stage_bars(page.speed), runs_list(page)}) + "<p></p>" +
                                stage_table(page.speed));
  html.add_section("Settings", settings_table(page));
  return html.str();
}

}  // namespace hasten::api
