#include <fmt/format.h>

#include <memory>

#include <hasten/convert.h>
#include <hasten/json.h>

#include "command.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten convert outputs/checkpoint-1071-epoch-7 model.onnx
  hasten convert outputs/best_model/pytorch_model.bin model.onnx
  hasten convert cross-encoder reranker.onnx --function sigmoid
  hasten convert half-precision-model model.onnx --dtype fp32
  hasten convert examples/tweet-sentiment sentiment.onnx --json)";

struct Arguments {
  ConvertOptions options;
  std::string dtype = "keep";
  std::string function;
  bool json = false;
  bool quiet = false;
};

std::string join(const std::vector<std::string>& items) {
  std::string joined;
  for (const std::string& item : items) joined += (joined.empty() ? "" : ", ") + item;
  return joined;
}

void report(const ConvertReport& report, const std::filesystem::path& output) {
  print(fmt::format("{}  {}, {} parameters\n", bold("Model    "), report.architecture,
                    format_count(static_cast<std::uint64_t>(report.parameter_count))));
  print(fmt::format("{}  {}\n", bold("Labels   "), fit(join(report.labels), 200)));
  print(fmt::format("{}  {} ({})\n", bold("Function "), report.function, report.function_reason));
  print(fmt::format("{}  {} tokens ({})\n", bold("Length   "), report.max_length,
                    report.max_length_reason));
  print(fmt::format("{}  {}\n", bold("Tokenizer"), report.tokenizer));
  print(fmt::format("{}  {}, {} in {}\n", bold("Written  "), output.string(),
                    format_bytes(report.output_bytes), format_seconds(report.seconds)));
}

void run(const Arguments& arguments) {
  ConvertOptions options = arguments.options;
  options.weights = parse_weight_storage(arguments.dtype);
  if (!arguments.function.empty()) options.function = parse_function(arguments.function);
  const ConvertReport result = convert(options);
  if (arguments.json) {
    print(to_json(result) + "\n");
  } else if (!arguments.quiet) {
    report(result, arguments.options.output);
  }
}

}  // namespace

void add_convert(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "convert", "Make one self-contained ONNX file of a checkpoint folder");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("checkpoint", arguments->options.checkpoint,
                   "Checkpoint folder, or the weights file in it")
      ->required();
  verb->add_option("output", arguments->options.output, "ONNX file to write; replaced atomically")
      ->required();
  verb->add_option("--dtype", arguments->dtype,
                   "Half-precision weights: keep them (half the file), or fp32 to widen them; "
                   "arithmetic is fp32 either way")
      ->capture_default_str();
  verb->add_option("--function", arguments->function,
                   "What turns logits into probabilities: softmax, sigmoid or none "
                   "(default: what the folder says)");
  verb->add_flag("--json", arguments->json, "Report as one JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No report");
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
