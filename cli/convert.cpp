#include <fmt/format.h>

#include <memory>

#include <hasten/convert.h>
#include <hasten/json.h>

#include "command.h"
#include "converter_flags.h"
#include "terminal.h"

namespace hasten::cli {
namespace {

constexpr char k_examples[] = R"(Examples:
  hasten convert outputs/checkpoint-1071-epoch-7 model.onnx
  hasten convert outputs/best_model/pytorch_model.bin model.onnx
  hasten convert cross-encoder reranker.onnx --function sigmoid
  hasten convert half-precision-model model.onnx --dtype fp32
  hasten convert examples/tweet-sentiment sentiment.onnx --opset 11 --json
  hasten convert --framework pt --model outputs/best_model --pipeline sentiment-analysis --quantize out.onnx)";

struct Arguments {
  ConvertOptions options;
  ConverterFlags old_flags;
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

void report(const ConvertReport& report, const std::vector<std::filesystem::path>& written) {
  print(fmt::format("{}  {}, {} parameters\n", bold("Model    "), report.architecture,
                    format_count(static_cast<std::uint64_t>(report.parameter_count))));
  print(fmt::format("{}  {}\n", bold("Labels   "), fit(join(report.labels), 200)));
  print(fmt::format("{}  {} ({})\n", bold("Function "), report.function, report.function_reason));
  print(fmt::format("{}  {} tokens ({})\n", bold("Length   "), report.max_length,
                    report.max_length_reason));
  print(fmt::format("{}  {}\n", bold("Tokenizer"), report.tokenizer));
  print(fmt::format("{}  {}, {} in {}\n", bold("Written  "), written.front().string(),
                    format_bytes(report.output_bytes), format_seconds(report.seconds)));
  for (std::size_t k = 1; k < written.size(); ++k) {
    print(fmt::format("{}  {}\n", bold("Written  "), written[k].string()));
  }
}

void run(const Arguments& arguments) {
  ConvertOptions options = arguments.options;
  options.weights = parse_weight_storage(arguments.dtype);
  if (!arguments.function.empty()) options.function = parse_function(arguments.function);
  arguments.old_flags.apply(options);
  const ConvertReport result = convert(options);
  const auto written = arguments.old_flags.finish(options);
  if (arguments.json) {
    print(to_json(result) + "\n");
  } else if (!arguments.quiet) {
    report(result, written);
  }
}

}  // namespace

void add_convert(CLI::App& app) {
  CLI::App* verb =
      app.add_subcommand("convert", "Make one self-contained ONNX file of a checkpoint folder");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("checkpoint", arguments->options.checkpoint,
                   "Checkpoint folder, or the weights file in it");
  verb->add_option("output", arguments->options.output, "ONNX file to write; replaced atomically");
  verb->add_option("--opset", arguments->options.opset, "Version of the operators, from 11 to 17")
      ->capture_default_str();
  verb->add_option("--tokenizer", arguments->options.tokenizer,
                   "Folder of the tokenizer's files (default: the checkpoint)");
  verb->add_option("--dtype", arguments->dtype,
                   "Half-precision weights: keep them (half the file), or fp32 to widen them; "
                   "arithmetic is fp32 either way")
      ->capture_default_str();
  verb->add_option("--function", arguments->function,
                   "What turns logits into probabilities: softmax, sigmoid or none "
                   "(default: what the folder says)");
  verb->add_flag("--json", arguments->json, "Report as one JSON object");
  verb->add_flag("--quiet,-q", arguments->quiet, "No report");
  arguments->old_flags.add_to(*verb, arguments->options);
  verb->footer(k_examples);
  verb->callback([arguments] { run(*arguments); });
}

}  // namespace hasten::cli
