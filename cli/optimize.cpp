#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include <hasten/error.h>
#include <hasten/json.h>
#include <hasten/optimize.h>

#include "command.h"
#include "optimizer_flags.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten optimize model.onnx model-optimized.onnx
  hasten optimize model.onnx model.onnx                     in place, safely
  hasten optimize model.onnx out.onnx --float16             whole model; --bfloat16 likewise
  hasten optimize model.onnx out.onnx --int8                weights of a quarter of the size
  hasten optimize model.onnx out.onnx --strict --verify-passes
  hasten optimize model.onnx out.onnx --skip fuse_attention
  hasten optimize --input m.onnx --output m.onnx --model_type bert --num_heads 12 --float16
  hasten optimize --list)";

struct Arguments {
  OptimizeOptions options;
  OptimizerFlags old_flags;
  bool float16 = false;
  bool bfloat16 = false;
  bool int8 = false;
  bool list = false;
  bool json = false;
  bool quiet = false;
};

void print_pass(const PassSummary& pass, bool with_results) {
  const std::string name = fmt::format("{:<32}", pass.name);
  if (!with_results) return print(fmt::format("{} {}\n", bold(name), pass.summary));
  const std::string count = fmt::format("{:>5}", pass.rewrites);
  const std::string difference =
      pass.difference < 0 ? "" : fmt::format("outputs changed by {:.1e}; ", pass.difference);
  print(fmt::format("{} {} {:>8}  {}{}\n", name, pass.rewrites > 0 ? green(count) : dim(count),
                    format_seconds(pass.seconds), difference, dim(pass.summary)));
  for (const std::string& place : pass.unmatched) print(fmt::format("    left alone: {}\n", place));
}

void report_form(const OptimizeReport& report) {
  if (report.half_nodes > 0) {
    print(fmt::format(
        "{} nodes compute in 16 bits; {} weights were beyond the range and are clamped\n",
        report.half_nodes, format_count(report.clamped)));
  }
  for (const std::string& node : report.kept_in_float32) {
    print(fmt::format("    kept in float32, since its results could exceed the range: {}\n", node));
  }
  if (report.int8_matrices + report.int8_tables > 0) {
    print(fmt::format("{} matrices and {} embedding tables are int8\n", report.int8_matrices,
                      report.int8_tables));
  }
}

void report(const OptimizeReport& report, const std::filesystem::path& output) {
  print(bold(fmt::format("{:<32} {:>5} {:>8}\n", "pass", "times", "took")));
  for (const PassSummary& pass : report.passes) print_pass(pass, true);
  report_form(report);
  print(fmt::format("{} nodes became {}; {} written, {} in {}\n", report.nodes_before,
                    report.nodes_after, output.string(), format_bytes(report.output_bytes),
                    format_seconds(report.seconds)));
}

OutputForm form_of(const Arguments& arguments) {
  if (arguments.float16 + arguments.bfloat16 + arguments.int8 > 1) {
    throw Error({ErrorCode::k_usage,
                 "several forms of the weights are asked for",
                 {},
                 {},
                 "Give one of --float16, --bfloat16 and --int8."});
  }
  if (arguments.options.int8_embeddings && !arguments.int8) {
    throw Error({ErrorCode::k_usage, "--int8-embeddings goes with --int8", {}, {}, "Give both."});
  }
  return arguments.float16    ? OutputForm::k_float16
         : arguments.bfloat16 ? OutputForm::k_bfloat16
         : arguments.int8     ? OutputForm::k_int8
                              : OutputForm::k_as_is;
}

void run(Arguments& arguments) {
  if (arguments.list) {
    for (const PassSummary& pass : list_passes()) print_pass(pass, false);
    return;
  }
  if (arguments.options.input.empty() || arguments.options.output.empty()) {
    throw Error({ErrorCode::k_usage,
                 "an input and an output file are needed",
                 {},
                 {},
                 "hasten optimize IN.onnx OUT.onnx"});
  }
  arguments.options.form = form_of(arguments);
  arguments.old_flags.apply(arguments.options);
  const OptimizeReport result = optimize(arguments.options);
  if (arguments.json) {
    print(to_json(result) + "\n");
  } else if (!arguments.quiet) {
    report(result, arguments.options.output);
  }
}

}  // namespace

void add_optimize(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("optimize", "Fuse the operators of an ONNX file, and say which");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("input,--input", arguments->options.input,
                   "ONNX file to read, or a folder that Optimum exported");
  verb->add_option("output,--output", arguments->options.output,
                   "ONNX file to write; may be the input; replaced atomically");
  verb->add_option("--tokenizer", arguments->options.tokenizer,
                   "Folder whose tokenizer and labels the output is to carry");
  verb->add_option("--skip", arguments->options.skip_passes, "A pass to leave out; may be repeated")
      ->allow_extra_args(false);
  verb->add_flag("--float16", arguments->float16,
                 "Weights and arithmetic in float16; inputs and outputs stay float32");
  verb->add_flag("--bfloat16", arguments->bfloat16, "The same in bfloat16");
  verb->add_flag("--int8", arguments->int8,
                 "Weights in int8, a scale for each column; the engine multiplies in int8");
  verb->add_flag("--int8-embeddings", arguments->options.int8_embeddings,
                 "With --int8: embedding tables too, a scale for each row");
  verb->add_flag("--strict", arguments->options.strict,
                 "An encoder layer whose attention is not fused is an error");
  verb->add_flag("--verify-passes", arguments->options.verify_passes,
                 "Compute the outputs before and after every pass; an error if one changed them");
  verb->add_flag("--list", arguments->list, "List the passes, in the order in which they run");
  verb->add_flag("--json", arguments->json, "Report as one JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No report");
  arguments->old_flags.add_to(*verb, arguments->options);
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
