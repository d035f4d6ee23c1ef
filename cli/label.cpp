#include <fmt/format.h>
#include <hasten/json.h>
#include <hasten/label.h>

#include <memory>

#include "command.h"
#include "label_progress.h"
#include "label_summary.h"
#include "model_flags.h"
#include "stop_signals.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten label --model model.onnx --input tweets.csv --output scores.parquet --id-column tweet_id
  hasten label --model model.onnx --input tweets/ --output scores/ --precision int8
  hasten label -m hired=hired.onnx -m lost=lost.onnx -i 'tweets/*.parquet' -o scores/
  hasten label -m model.onnx -i tweets/ -o scores/ --dry-run       # how long would it take?
  hasten label -m model.onnx -i tweets/ -o scores/ --shard 3/64    # in a Slurm array: by itself
  hasten label -m model.onnx -i s3://tweets/2020 -o s3://scores/2020

An output folder holds one part for each input file, and what is needed to go on after an interruption: run the same
command again. See 'hasten status' and 'hasten merge', and docs/labelling.md.)";

struct Arguments {
  LabelOptions options;
  std::vector<std::string> models;
  ModelFlags model;
  std::string dedup = "window";
  std::string scores = "default";
  std::string shard;
  std::int64_t max_bad = -1;
  bool dry_run = false;
  bool no_report = false;
  bool json = false;
  bool quiet = false;
};

Dedup parse_dedup(const std::string& name) {
  return name == "none" ? Dedup::k_none : name == "global" ? Dedup::k_global : Dedup::k_window;
}

ScoreColumns parse_columns(const std::string& name) {
  return name == "all"        ? ScoreColumns::k_all
         : name == "positive" ? ScoreColumns::k_positive
                              : ScoreColumns::k_default;
}

void try_job(const Arguments& arguments) {
  const LabelEstimate estimate = estimate_label(arguments.options);
  if (arguments.json) {
    print(to_json(estimate) + "\n");
  } else if (!arguments.quiet) {
    print_estimate(estimate);
  }
  flush_output();
}

void run(Arguments& arguments) {
  LabelOptions& options = arguments.options;
  options.model_options = arguments.model.options();
  options.dedup = parse_dedup(arguments.dedup);
  options.score_columns = parse_columns(arguments.scores);
  for (const std::string& model : arguments.models)
    options.models.push_back(parse_label_model(model));
  if (arguments.max_bad >= 0) options.max_bad = static_cast<std::uint64_t>(arguments.max_bad);
  options.shard =
      arguments.shard.empty() ? slurm_shard().value_or(Shard{}) : parse_shard(arguments.shard);
  options.page = !arguments.no_report;
  options.stop = &stop_on_signals();
  if (arguments.dry_run) return try_job(arguments);
  LabelProgressLine progress(arguments.quiet);
  if (options.shard.count > 1)
    progress.say(fmt::format("shard {}/{}", options.shard.index, options.shard.count));
  const LabelReport result =
      label(options, [&](const LabelProgress& now) { progress.update(now); });
  progress.finish();
  for (const std::string& warning : result.warnings) progress.say(warning);
  for (const LabelFailure& failure : result.failures) progress.say(failure.message);
  if (arguments.json) {
    print(to_json(result) + "\n");
  } else if (!arguments.quiet) {
    print_summary(result, options.output);
  }
  flush_output();
  throw_unfinished(result, options.output);
}

}  // namespace

void add_label(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("label", "Score tables of texts, from one file to a cluster's worth");
  const auto arguments = std::make_shared<Arguments>();
  LabelOptions& options = arguments->options;
  verb->add_option("--model,-m", arguments->models,
                   "ONNX file or checkpoint folder; several as NAME=PATH")
      ->required();
  verb->add_option("--input,-i", options.inputs,
                   "Files, folders, patterns, or @LIST; .parquet .csv .tsv .jsonl .txt, also .gz "
                   "and .zst; - with an output file")
      ->required();
  verb->add_option("--output,-o", options.output,
                   "Folder; or, for one input file, a .parquet, .csv, .tsv or .jsonl file")
      ->required();
  verb->add_option("--text-column", options.text_column,
                   "Column or JSON key of the texts (default: guessed from usual names)");
  verb->add_option("--pair-column", options.pair_column, "Column or JSON key of the second texts");
  verb->add_option("--id-column", options.id_column,
                   "Column that is copied to the output (default: tweet_id or id)");
  verb->add_option("--keep-columns", options.keep_columns,
                   "Columns that are copied to the output too")
      ->delimiter(',');
  verb->add_option("--where", options.where,
                   "COLUMN=VALUE or COLUMN!=VALUE: only rows for which all are true");
  verb->add_option("--input-format", options.input_format,
                   "parquet, csv, tsv, jsonl or txt (default: by extension)");
  verb->add_flag_callback(
      "--no-quoting", [arguments] { arguments->options.quoting = false; }, k_no_quoting_help);
  verb->add_option("--output-format", options.output_format,
                   "parquet, csv, tsv or jsonl (default: the file's, or parquet)");
  verb->add_option("--scores", arguments->scores,
                   "Columns: positive, all, or by the number of labels")
      ->check(CLI::IsMember({"default", "positive", "all"}))
      ->capture_default_str();
  verb->add_option("--dedup", arguments->dedup,
                   "Compute equal texts once: within a window, global (over all tasks), or none")
      ->check(CLI::IsMember({"window", "global", "none"}))
      ->capture_default_str();
  verb->add_option("--shard", arguments->shard,
                   "I/N: the inputs of one of N tasks (default: what Slurm's array says)");
  verb->add_option("--limit", options.limit, "Rows of each input at most")->check(positive_number);
  verb->add_option("--max-bad", arguments->max_bad,
                   "Rows without a usable text or score before giving up")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--checkpoint-rows", options.checkpoint_rows, "Rows between checkpoints")
      ->check(positive_number)
      ->capture_default_str();
  arguments->model.add_to(*verb);
  verb->add_flag("--dry-run", arguments->dry_run,
                 "Write nothing: count files and rows, label some for two seconds, say how long it "
                 "would take");
  verb->add_flag("--no-report", arguments->no_report, "No page with a summary beside the output");
  verb->add_flag("--json", arguments->json, "Summary as one JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No progress and no summary");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
