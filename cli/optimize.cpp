#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include <hasten/error.h>
#include <hasten/json.h>
#include <hasten/optimize.h>

#include "command.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten optimize model.onnx model-optimized.onnx
  hasten optimize model.onnx model.onnx                     in place, safely
  hasten optimize model.onnx out.onnx --skip fuse_attention
  hasten optimize --list)";

struct Arguments {
  OptimizeOptions options;
  bool list = false;
  bool json = false;
  bool quiet = false;
};

void print_pass(const PassSummary& pass, bool with_results) {
  const std::string name = fmt::format("{:<32}", pass.name);
  if (!with_results) return print(fmt::format("{} {}\n", bold(name), pass.summary));
  const std::string count = fmt::format("{:>5}", pass.rewrites);
  print(fmt::format("{} {} {:>8}  {}\n", name, pass.rewrites > 0 ? green(count) : dim(count),
                    format_seconds(pass.seconds), dim(pass.summary)));
  for (const std::string& place : pass.unmatched) print(fmt::format("    left alone: {}\n", place));
}

void report(const OptimizeReport& report, const std::filesystem::path& output) {
  print(bold(fmt::format("{:<32} {:>5} {:>8}\n", "pass", "times", "took")));
  for (const PassSummary& pass : report.passes) print_pass(pass, true);
  print(fmt::format("{} nodes became {}; {} written, {} in {}\n", report.nodes_before,
                    report.nodes_after, output.string(), format_bytes(report.output_bytes),
                    format_seconds(report.seconds)));
}

void run(const Arguments& arguments) {
  if (arguments.list) {
    for (const PassSummary& pass : list_passes()) print_pass(pass, false);
    return;
  }
  if (arguments.options.input.empty() || arguments.options.output.empty()) {
    throw Error({ErrorCode::k_usage, "an input and an output file are needed", {}, {},
                 "hasten optimize IN.onnx OUT.onnx"});
  }
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
  verb->add_option("input", arguments->options.input, "ONNX file to read");
  verb->add_option("output", arguments->options.output,
                   "ONNX file to write; may be the input; replaced atomically");
  verb->add_option("--skip", arguments->options.skip_passes, "A pass to leave out; may be repeated")
      ->allow_extra_args(false);
  verb->add_flag("--list", arguments->list, "List the passes, in the order in which they run");
  verb->add_flag("--json", arguments->json, "Report as one JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No report");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
