#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include <hasten/error.h>
#include <hasten/json.h>
#include <hasten/tune.h>

#include "command.h"
#include "model_flags.h"
#include "stages.h"
#include "terminal.h"
#include "write_file.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] =
    R"(The scores in fp32 are the reference; no labels are needed. The plan is recorded in the output, where predict,
label and bench find it (--precision auto, the default). 'hasten verify --help' explains budgets. No report holds a text.

Examples:
  hasten tune model.onnx --input tweets.csv --output tuned.onnx
  hasten tune model.onnx --input tweets.csv --output tuned.onnx --budget "spearman[hate]@10%>=0.999" --html tune.html
  hasten tune model.onnx --input tweets.txt --time-limit 120 --json
Exit code 8: not even fp32 holds the budget.)";

struct Arguments {
  TuneOptions options;
  InputFlags input;
  ModelFlags model;
  std::filesystem::path html;
  bool json = false;
  bool quiet = false;
};

std::string speed(double ratio) {
  return fmt::format("{:.2f}x", ratio);
}

void report_points(const TuneReport& report) {
  print("\n" + bold("Plans that were measured") + "\n");
  print(dim(
      fmt::format("  {:<44} {:>12}  {:>9}  {}\n", "plan", "speed (fp32)", "measured", "budget")));
  for (const TunePoint& point : report.points) {
    print(fmt::format("  {:<44} {:>12}  {:>9.6f}  {}{}\n", fit(point.name, 44), speed(point.speed),
                      point.figure, point.holds ? green("holds") : red("fails"),
                      point.chosen ? bold("  chosen") : ""));
  }
}

void report_plan(const TuneReport& report) {
  print("\n" + bold(fmt::format("Kept out of {}", name_of(report.lowest))) +
        dim("  (share of fp32's time that it would save, error that it would cause)") + "\n");
  bool any = false;
  for (const auto& [product, precision] : report.products) {
    if (precision == report.lowest) continue;
    any = true;
    const auto known = std::find_if(
        report.sensitivities.begin(), report.sensitivities.end(),
        [&name = product](const ProductSensitivity& each) { return each.product == name; });
    const std::string costs =
        known == report.sensitivities.end()
            ? dim("not measured")
            : fmt::format("{:>7.2f} %  {:>10.3g}", known->saving * 100, known->error);
    print(fmt::format("  {:<40} {:<5} {}\n", fit(product, 40), name_of(precision), costs));
  }
  if (!any) print("  nothing\n");
}

void report_all(const TuneReport& report, const std::filesystem::path& output) {
  report_points(report);
  report_plan(report);
  print("\n");
  for (const std::string& note : report.notes)
    print(fmt::format("{}  {}\n", bold("Note   "), note));
  for (const BudgetResult& clause : report.clauses) {
    print(fmt::format("{}  {}: {:.6g}{}{}\n", clause.holds ? green("holds  ") : red("fails  "),
                      clause.clause, clause.measured.value,
                      clause.measured.interval
                          ? fmt::format(" ({:.5g} to {:.5g})", clause.measured.interval->low,
                                        clause.measured.interval->high)
                          : "",
                      clause.label.empty() ? "" : ", " + fit(clause.label, 40)));
  }
  std::string speeds = speed(report.speed_over_fp32) + " as fast as fp32";
  if (report.speed_over_bf16 > 0)
    speeds += fmt::format(", {} as bf16 (all of int8: {})", speed(report.speed_over_bf16),
                          speed(report.int8_over_bf16));
  print(fmt::format("{}  {}: {}\n", bold("Plan   "), report.plan, speeds));
  print(fmt::format("{}  {} texts, {}\n", bold("Took   "), format_count(report.texts),
                    format_seconds(report.seconds)));
  if (!output.empty()) print(fmt::format("{}  {}\n", bold("Written"), output.string()));
}

void run(Arguments& arguments) {
  TuneOptions& options = arguments.options;
  if (arguments.input.path.empty()) {
    throw Error({ErrorCode::k_usage,
                 "no texts are given",
                 {},
                 {},
                 "Give them: --input FILE, or --input - for standard input."});
  }
  options.input = arguments.input.path;
  options.texts = arguments.input.options;
  options.model_options = arguments.model.options();
  if (!arguments.html.empty()) check_can_write(arguments.html);
  Stages stages(arguments.quiet || arguments.json);
  const TuneReport report =
      tune(options, [&](const std::string& stage, std::uint64_t done, std::uint64_t total) {
        stages.update(stage, done, total);
      });
  stages.finish();
  if (!arguments.html.empty()) write_file(arguments.html, to_html(report));
  if (arguments.json) {
    print(to_json(report) + "\n");
  } else if (!arguments.quiet) {
    report_all(report, options.output);
  }
  flush_output();
  for (const BudgetResult& clause : report.clauses) {
    if (!clause.holds)
      throw Error({ErrorCode::k_over_budget,
                   "no precision holds the budget",
                   clause.clause,
                   {},
                   "Ask for less."});
  }
}

}  // namespace

void add_tune(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("tune", "Find the fastest precisions whose scores stay within a budget");
  const auto arguments = std::make_shared<Arguments>();
  TuneOptions& options = arguments->options;
  verb->add_option("model", options.model, "ONNX file or checkpoint folder")->required();
  verb->add_option("--output,-o", options.output,
                   "ONNX file to write, with the plan in it; replaced atomically");
  arguments->input.add_to(*verb);
  verb->add_option("--limit", options.limit, "Texts at most; 0: all")->capture_default_str();
  verb->add_option("--budget", options.budget, "What the scores must hold")->capture_default_str();
  verb->add_option("--time-limit", options.time_limit, "Seconds that the search may take, about")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  arguments->model.add_to(*verb, ModelFlags::Precisions::k_left_out);
  verb->add_option("--html", arguments->html, "Write the report as one self-contained page");
  verb->add_flag("--json", arguments->json, "One JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No progress and no report");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
