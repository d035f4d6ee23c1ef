#include <fmt/format.h>

#include <cmath>
#include <memory>

#include <hasten/error.h>
#include <hasten/json.h>
#include <hasten/verify.h>

#include "command.h"
#include "model_flags.h"
#include "stages.h"
#include "terminal.h"
#include "write_file.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] =
    R"(A and B are each a checkpoint folder, an ONNX file, one of these as PATH@fp32, @bf16, @int8, @int8-plain or
@auto, or a table of scores (.parquet, .csv, .tsv, .jsonl) with a column for each class. With one of them, A is
the same model in fp32. A budget is made of clauses such as spearman@10%>=0.998, spearman[LABEL]@1000>=0.99,
overlap@10%>=98%, flips@0.5<=0.5%, argmax>=99.9%, logit<=0.01, probability<=0.001.

Examples:
  hasten verify model.onnx@int8 --input tweets.csv
  hasten verify model.onnx@fp32 tuned.onnx@auto --input tweets.csv --html report.html
  hasten verify pytorch_scores.parquet model.onnx@fp32 --input tweets.parquet --budget "logit<=1e-5"
Exit code 8: the budget does not hold.)";

constexpr std::size_t k_listed_classes = 12;

struct Arguments {
  std::vector<std::string> sides;
  VerifyOptions options;
  InputFlags input;
  ModelFlags model;
  std::filesystem::path html;
  bool json = false;
  bool quiet = false;
  bool no_texts = false;
};

std::string figure(double value, int digits = 4) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "undefined";
}

std::string percent(double share) {
  return fmt::format("{:.3g} %", share * 100);
}

void report_side(const char* name, const SideSummary& side) {
  std::string speed;
  if (side.seconds > 0) {
    speed = fmt::format(", {} texts/s",
                        format_count(static_cast<std::uint64_t>(side.texts_per_second)));
    if (side.peak_memory > 0) speed += ", " + format_bytes(side.peak_memory);
  }
  print(fmt::format("{}  {}\n         {}\n", bold(fmt::format("{:<7}", name)), side.name,
                    dim(side.description + speed)));
}

std::string with_interval(const Estimate& estimate, int digits = 4) {
  if (!estimate.interval) return figure(estimate.value, digits);
  return fmt::format("{} ({} to {})", figure(estimate.value, digits),
                     figure(estimate.interval->low, digits),
                     figure(estimate.interval->high, digits));
}

void report_differences(const char* of, const std::optional<Differences>& differences) {
  if (!differences) return;
  print(fmt::format("  {:<24} largest {:.3g}, 99.9 % below {:.3g}, mean {:.3g}\n", of,
                    differences->largest, differences->quantile_999, differences->mean));
}

void report_class(const ClassAgreement& agreement) {
  print("\n" + bold(fit(agreement.label, 60)) + "\n");
  print(dim(fmt::format("  {:<10} {:>8}   {:<30} {:>8}   {}\n", "within A's", "texts",
                        "Spearman (95 %)", "Kendall", "overlap")));
  for (const TopAgreement& top : agreement.top) {
    const std::string name = top.name == "all" ? "all" : "top " + top.name;
    print(fmt::format("  {:<10} {:>8}   {:<30} {:>8}   {}\n", name, format_count(top.count),
                      with_interval(top.spearman), figure(top.kendall),
                      percent(top.overlap.value)));
  }
  report_differences("logits differ by", agreement.logits);
  report_differences("probabilities differ by", agreement.probabilities);
  for (const Flips& flips : agreement.flips) {
    if (flips.name.starts_with("top ")) continue;
    print(fmt::format("  {:<24} {} of the texts: {} up, {} down\n", "flips at " + flips.name,
                      percent(flips.share.value), format_count(flips.up),
                      format_count(flips.down)));
  }
  print(fmt::format("  {:<24} A {}, B {}\n", "different scores", format_count(agreement.distinct_a),
                    format_count(agreement.distinct_b)));
}

void report_moved(const VerifyReport& report, bool with_texts) {
  if (report.moved.empty()) return;
  print("\n" + bold("Texts that moved most") + "\n");
  for (const MovedText& moved : report.moved) {
    const std::string head =
        fmt::format("  {:>8}  {} -> {}  {}", moved.row, figure(moved.score_a, 5),
                    figure(moved.score_b, 5), fit(report.classes[moved.class_index].label, 16));
    const std::size_t used = columns_of(head) + 2;
    const std::size_t width = terminal_width();
    print(head + (with_texts ? "  " + fit(moved.text, width > used + 10 ? width - used : 10) : "") +
          "\n");
  }
}

// Enough digits to tell a figure from its limit.
std::string measured(const Estimate& estimate) {
  if (!std::isfinite(estimate.value)) return "undefined";
  if (!estimate.interval) return fmt::format("{:.7g}", estimate.value);
  return fmt::format("{:.7g} ({:.5g} to {:.5g})", estimate.value, estimate.interval->low,
                     estimate.interval->high);
}

void report_verdict(const VerifyReport& report) {
  print("\n");
  for (const Finding& finding : report.findings)
    print(fmt::format("{}  {}\n", bold("Finding"), finding.message));
  for (const std::string& note : report.notes)
    print(fmt::format("{}  {}\n", bold("Note   "), note));
  for (const BudgetResult& clause : report.clauses) {
    const std::string label = clause.label.empty() ? "" : ", " + clause.label;
    print(fmt::format("{}  {}: {}{}\n", clause.holds ? green("holds  ") : red("fails  "),
                      clause.clause, measured(clause.measured), fit(label, 40)));
  }
  const std::string speed =
      report.a.seconds > 0 && report.b.seconds > 0
          ? fmt::format("; B is {:.2f}x as fast as A", report.a.seconds / report.b.seconds)
          : "";
  print(fmt::format("{}  {}{}\n", bold("Verdict"), report.passed ? green("pass") : red("fail"),
                    speed));
}

void report_all(const VerifyReport& report, bool with_texts) {
  report_side("A", report.a);
  report_side("B", report.b);
  print(fmt::format("{}  {} compared of {} rows, in {}\n", bold("Texts  "),
                    format_count(report.compared), format_count(report.rows),
                    format_seconds(report.seconds)));
  if (report.classes.size() > 1) {
    print(fmt::format("{}  {} have the same first class\n", bold("Argmax "),
                      percent(report.argmax_agreement.value)));
  }
  for (std::size_t i = 0; i < std::min(report.classes.size(), k_listed_classes); ++i)
    report_class(report.classes[i]);
  if (report.classes.size() > k_listed_classes) {
    print(fmt::format("\n{} more classes are in --json.\n",
                      report.classes.size() - k_listed_classes));
  }
  report_moved(report, with_texts);
  report_verdict(report);
}

void run(Arguments& arguments) {
  VerifyOptions& options = arguments.options;
  options.candidate = arguments.sides.back();
  if (arguments.sides.size() > 1) options.reference = arguments.sides.front();
  options.input = arguments.input.path;
  options.texts.format = arguments.input.options.format;
  options.texts.text_column = arguments.input.options.text_column;
  options.texts.pair_column = arguments.input.options.pair_column;
  options.texts.quoting = arguments.input.options.quoting;
  options.model_options = arguments.model.options();
  if (!arguments.html.empty()) check_can_write(arguments.html);
  Stages stages(arguments.quiet || arguments.json);
  const VerifyReport report =
      verify(options, [&](const std::string& stage, std::uint64_t done, std::uint64_t total) {
        stages.update(stage, done, total);
      });
  stages.finish();
  if (!arguments.html.empty()) write_file(arguments.html, to_html(report, !arguments.no_texts));
  if (arguments.json) {
    print(to_json(report, !arguments.no_texts) + "\n");
  } else if (!arguments.quiet) {
    report_all(report, !arguments.no_texts);
  }
  flush_output();
  if (report.passed) return;
  throw Error(
      {ErrorCode::k_over_budget,
       "B does not agree with A as far as the budget asks",
       {},
       {},
       "Look at the clauses that fail; 'hasten tune' finds precisions that hold a budget."});
}

}  // namespace

void add_verify(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "verify", "Compare two models, or a model and a table of scores, on texts");
  const auto arguments = std::make_shared<Arguments>();
  VerifyOptions& options = arguments->options;
  verb->add_option("sides", arguments->sides, "A and B, or B alone")->required()->expected(1, 2);
  arguments->input.add_to(*verb);
  verb->add_option(
      "--id-column", options.texts.id_column,
      "Column that pairs the rows of a table with the texts (default: tweet_id or id)");
  verb->add_option("--limit", options.limit, "Texts at most; 0: all")->capture_default_str();
  verb->add_option("--budget", options.budget, "What B must hold")->capture_default_str();
  verb->add_option("--threshold", options.thresholds,
                   "Probability at which flips are counted (repeatable)")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option("--moved", options.moved_texts, "Texts that are listed of those that moved most")
      ->capture_default_str();
  arguments->model.add_to(*verb);
  verb->add_option("--html", arguments->html, "Write the report as one self-contained page");
  verb->add_flag("--json", arguments->json, "One JSON object");
  verb->add_flag("--no-texts", arguments->no_texts, "Leave the texts out of every report");
  verb->add_flag("--quiet,-q", arguments->quiet, "No progress and no report: the exit code alone");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
