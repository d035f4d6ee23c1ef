#include <fmt/format.h>

#include <memory>

#include <hasten/json.h>
#include <hasten/label.h>

#include "command.h"
#include "model_flags.h"
#include "progress.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten label --model model.onnx --input tweets.csv --output scores.parquet --id-column tweet_id)";

struct Arguments {
  LabelOptions options;
  ModelFlags model;
  bool json = false;
  bool quiet = false;
};

std::string join_counts(const std::map<std::string, std::uint64_t>& counts) {
  std::string joined;
  for (const auto& [name, count] : counts) {
    joined += fmt::format("{}{} {}", joined.empty() ? "" : ", ", format_count(count), name);
  }
  return joined;
}

void report(const LabelReport& report, const std::filesystem::path& output) {
  print(fmt::format("{}  {} ({})\n", bold("Rows   "), format_count(report.rows),
                    join_counts(report.rows_by_status)));
  print(fmt::format("{}  {}\n", bold("Labels "), join_counts(report.rows_by_label)));
  print(fmt::format("{}  {} in {}, {} texts/s\n", bold("Written"), output.string(),
                    format_seconds(report.seconds),
                    format_count(static_cast<std::uint64_t>(static_cast<double>(report.rows) / report.seconds))));
}

void run(Arguments& arguments) {
  arguments.options.model_options = arguments.model.options();
  Progress progress("rows", arguments.quiet);
  const LabelReport result =
      label(arguments.options, [&](std::uint64_t rows) { progress.update(rows); });
  progress.finish();
  if (arguments.json) {
    print(to_json(result) + "\n");
  } else if (!arguments.quiet) {
    report(result, arguments.options.output);
  }
}

}  // namespace

void add_label(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("label", "Score a table of texts into a Parquet file");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("--model,-m", arguments->options.model, "ONNX file or checkpoint folder")->required();
  verb->add_option("--input,-i", arguments->options.input, "Texts: .csv, .tsv, .jsonl or .txt")->required();
  verb->add_option("--output,-o", arguments->options.output,
                   "Parquet file to write; appears whole, at the end")
      ->required();
  verb->add_option("--text-column", arguments->options.text_column,
                   "Column or JSON key of the texts (default: guessed from usual names)");
  verb->add_option("--id-column", arguments->options.id_column,
                   "Column or JSON key that is copied to the output");
  arguments->model.add_to(*verb);
  verb->add_flag("--json", arguments->json, "Summary as one JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No progress and no summary");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
