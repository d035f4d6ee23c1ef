#include <hasten/convert.h>

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "api/model_source.h"
#include "base/error.h"
#include "classifier/text_classifier.h"
#include "graph/forms/lower_opset.h"
#include "graph/to_onnx.h"

namespace hasten {

namespace {

// The output may lie in the checkpoint's folder, but not in the place of one of its files.
void check_output(const ConvertOptions& options) {
  std::error_code absent;
  const auto folder = std::filesystem::is_directory(options.checkpoint, absent)
                          ? options.checkpoint
                          : options.checkpoint.parent_path();
  for (const char* ending : {".json", ".safetensors", ".bin", ".txt", ".model", ".codes", ".pt"}) {
    if (options.output.extension() != ending) continue;
    if (std::filesystem::equivalent(folder, options.output.parent_path(), absent) &&
        std::filesystem::exists(options.output, absent)) {
      fail(ErrorCode::k_usage, "the output would replace a file of the checkpoint", options.output,
           {}, "Name another output.");
    }
  }
}

// Rows of the table in which token ids are looked up; nothing where the graph does not show it.
std::optional<std::int64_t> embedding_rows(const graph::Graph& graph) {
  const graph::ValueId ids = graph.find_value("input_ids");
  if (ids == graph::k_no_value) return std::nullopt;
  for (const graph::NodeId reader : graph.consumers(ids)) {
    const graph::Node& lookup = graph.node(reader);
    if (!lookup.is("Gather") || lookup.inputs[1] != ids) continue;
    graph::ValueId table = lookup.inputs[0];
    const graph::NodeId cast = graph.producer(table);
    if (cast != graph::k_no_node && graph.node(cast).is("Cast")) table = graph.node(cast).inputs[0];
    if (graph.is_constant(table)) return graph.value(table).constant->dims[0];
  }
  return std::nullopt;
}

void check_vocabulary(const graph::Graph& graph, const tokenizer::Tokenizer& tokenizer,
                      const std::filesystem::path& checkpoint) {
  const auto rows = embedding_rows(graph);
  if (!rows || tokenizer.vocabulary_size() <= *rows) return;
  fail(ErrorCode::k_malformed,
       fmt::format("the tokenizer has {} ids and the model's embedding table {} rows",
                   tokenizer.vocabulary_size(), *rows),
       checkpoint, "the tokenizer files belong to another model",
       "Put the tokenizer files that the model was trained with into its folder.");
}

}  // namespace

WeightStorage parse_weight_storage(const std::string& name) {
  if (name == "keep") return WeightStorage::k_keep;
  if (name == "fp32") return WeightStorage::k_float32;
  fail(ErrorCode::k_usage, "there is no dtype '" + name + "'", {}, {},
       "Choose one of: keep, fp32.");
}

ConvertReport convert(const ConvertOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  if (std::filesystem::is_regular_file(options.checkpoint) &&
      !api::is_checkpoint(options.checkpoint)) {
    const bool is_onnx = std::filesystem::path(options.checkpoint).extension() == ".onnx";
    fail(
        ErrorCode::k_malformed, "not a checkpoint folder", options.checkpoint,
        is_onnx ? "it is an ONNX file already" : "a single file was given",
        is_onnx
            ? "'hasten optimize' fuses its operators, and takes a tokenizer in: --tokenizer FOLDER."
            : "Give the folder that holds config.json and the weights, or the weights file in it.");
  }
  if (options.opset < graph::k_oldest_lowered_opset || options.opset > 17) {
    fail(ErrorCode::k_usage, "there is no opset " + std::to_string(options.opset) + " to write", {},
         {}, "Give one from 11 to 17; runtimes of newer opsets read them all.");
  }
  check_output(options);
  graph::Graph graph = api::build_from_checkpoint(
      options.checkpoint, {api::Provenance::k_hashed, options.function,
                           options.weights == WeightStorage::k_float32, options.tokenizer});
  const graph::ModelMetadata metadata = classifier::require_metadata(graph);
  const auto tokenizer = classifier::load_tokenizer(metadata);
  check_vocabulary(graph, *tokenizer, options.checkpoint);
  graph::lower_opset(graph, options.opset);
  if (!options.output_name.empty()) graph.rename(graph.outputs()[0], options.output_name);
  ConvertReport report;
  report.architecture = metadata.architecture;
  report.labels = metadata.labels;
  report.function = name_of(metadata.function);
  report.function_reason = metadata.function_reason;
  report.max_length = metadata.max_length;
  report.max_length_reason = metadata.max_length_reason;
  report.tokenizer = tokenizer->description();
  report.parameter_count = api::count_weights(graph).parameters;
  graph::SaveLimits limits;
  limits.external = options.external_data;
  graph::save_onnx(graph, options.output, limits);
  report.output_bytes = std::filesystem::file_size(options.output);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace hasten
