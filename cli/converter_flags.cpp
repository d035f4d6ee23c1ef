#include "converter_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <hasten/error.h>
#include <hasten/inspect.h>
#include <hasten/optimize.h>

namespace hasten::cli {
namespace {

constexpr const char* k_group = "Flags of convert_graph_to_onnx";

constexpr std::array k_other_pipelines = {
    "feature-extraction",   "fill-mask",           "ner",
    "question-answering",   "text-generation",     "translation_en_to_de",
    "translation_en_to_fr", "translation_en_to_ro"};

std::filesystem::path with_suffix(const std::filesystem::path& path, const std::string& suffix) {
  return path.parent_path() / (path.stem().string() + suffix + path.extension().string());
}

void check_pipeline(const std::string& pipeline) {
  if (pipeline.empty() || pipeline == "sentiment-analysis" || pipeline == "text-classification")
    return;
  if (std::find(k_other_pipelines.begin(), k_other_pipelines.end(), pipeline) !=
      k_other_pipelines.end()) {
    throw Error({ErrorCode::k_unsupported,
                 fmt::format("the pipeline {} is not converted", pipeline), "--pipeline",
                 "Hasten is for text classifiers", "Give sentiment-analysis for a classifier."});
  }
  throw Error({ErrorCode::k_usage,
               fmt::format("there is no pipeline '{}'", pipeline),
               "--pipeline",
               {},
               "Give sentiment-analysis."});
}

void check_framework(const std::string& framework) {
  if (framework.empty() || framework == "pt") return;
  if (framework == "tf") {
    throw Error({ErrorCode::k_unsupported,
                 "TensorFlow checkpoints are not read",
                 "--framework tf",
                 {},
                 "Save the model from PyTorch (from_pretrained(..., from_tf=True)) and give "
                 "--framework pt."});
  }
  throw Error({ErrorCode::k_usage,
               fmt::format("there is no framework '{}'", framework),
               "--framework",
               {},
               "Give pt."});
}

void optimize_into(const std::filesystem::path& input, const std::filesystem::path& output,
                   OutputForm form, bool external_data) {
  OptimizeOptions options;
  options.input = input;
  options.output = output;
  options.form = form;
  options.external_data = external_data;
  optimize(options);
}

}  // namespace

void ConverterFlags::add_to(CLI::App& verb, ConvertOptions& options) {
  const auto group = [&](CLI::Option* option) { option->group(k_group); };
  group(verb.add_option("--model", model,
                        "Checkpoint folder; the output is then the only other argument, and the "
                        "logits are named output_0"));
  group(verb.add_option("--framework", framework,
                        "pt; tf is refused: TensorFlow checkpoints are not read"));
  group(verb.add_option("--pipeline", pipeline,
                        "sentiment-analysis; others are refused: Hasten is for classifiers"));
  group(verb.add_flag("--quantize", quantize,
                      "Also write NAME-optimized.onnx and NAME-optimized-quantized.onnx (int8)"));
  group(verb.add_flag("--check-loading", check_loading, "Load every file that was written"));
  group(verb.add_flag("--use-external-format", options.external_data,
                      "Weights in a file of their own, also below 2 GB"));
}

void ConverterFlags::apply(ConvertOptions& options) const {
  check_framework(framework);
  check_pipeline(pipeline);
  if (!model.empty()) {
    if (!options.output.empty()) {
      throw Error({ErrorCode::k_usage,
                   "the checkpoint is given twice",
                   options.checkpoint,
                   {},
                   "hasten convert --model FOLDER OUT.onnx, or hasten convert FOLDER OUT.onnx"});
    }
    options.output = options.checkpoint;
    options.checkpoint = model;
    options.output_name = "output_0";
  }
  if (options.checkpoint.empty() || options.output.empty()) {
    throw Error({ErrorCode::k_usage,
                 "a checkpoint and an output file are needed",
                 {},
                 {},
                 "hasten convert FOLDER OUT.onnx"});
  }
}

std::vector<std::filesystem::path> ConverterFlags::finish(const ConvertOptions& options) const {
  std::vector<std::filesystem::path> made = {options.output};
  if (quantize) {
    made.push_back(with_suffix(options.output, "-optimized"));
    optimize_into(options.output, made[1], OutputForm::k_as_is, options.external_data);
    made.push_back(with_suffix(options.output, "-optimized-quantized"));
    optimize_into(made[1], made[2], OutputForm::k_int8, options.external_data);
  }
  for (const std::filesystem::path& file : made) {
    if (check_loading) inspect(file);
  }
  return made;
}

}  // namespace hasten::cli
