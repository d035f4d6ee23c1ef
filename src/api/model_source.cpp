#include "api/model_source.h"

#include <future>
#include <set>

#include "api/onnx_folder.h"
#include "api/version.h"
#include "architectures/architecture.h"
#include "base/error.h"
#include "checkpoint/labels.h"
#include "graph/from_onnx.h"
#include "graph/model_metadata.h"

namespace hasten::api {
namespace {

Function function_of(checkpoint::Function function) {
  switch (function) {
    case checkpoint::Function::k_softmax:
      return Function::k_softmax;
    case checkpoint::Function::k_sigmoid:
      return Function::k_sigmoid;
    case checkpoint::Function::k_none:
      return Function::k_none;
  }
  return Function::k_softmax;
}

std::optional<checkpoint::Function> chosen_function(std::optional<Function> function) {
  if (!function) return std::nullopt;
  switch (*function) {
    case Function::k_softmax:
      return checkpoint::Function::k_softmax;
    case Function::k_sigmoid:
      return checkpoint::Function::k_sigmoid;
    case Function::k_none:
      return checkpoint::Function::k_none;
  }
  return std::nullopt;
}

}  // namespace

graph::ModelMetadata describe(const checkpoint::Checkpoint& checkpoint, const Meaning& meaning,
                              std::optional<Function> function) {
  const auto semantics = checkpoint::read_semantics(
      checkpoint, meaning.class_count, meaning.position_limit, chosen_function(function));
  graph::ModelMetadata metadata;
  metadata.architecture = meaning.architecture;
  metadata.model_type = meaning.model_type;
  metadata.labels = semantics.labels;
  metadata.function = function_of(semantics.function.value);
  metadata.function_reason = semantics.function.source;
  metadata.max_length = semantics.max_length.value;
  metadata.max_length_reason = semantics.max_length.source;
  metadata.tokenizer_files = checkpoint.tokenizer_files;
  if (checkpoint.model_args.contains("do_lower_case")) {
    metadata.model_args_lower_case = checkpoint.model_args.get_bool("do_lower_case", false);
  }
  metadata.tool_version = k_version;
  metadata.sliding_window = semantics.sliding_window;
  metadata.stride = semantics.stride;
  metadata.tie_value = semantics.tie_value;
  metadata.window_reserve = semantics.window_reserve;
  metadata.window_leading_space = semantics.window_leading_space;
  metadata.thresholds = semantics.thresholds;
  return metadata;
}

bool is_checkpoint(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return !onnx_file_in(path);
  static const std::set<std::string> k_weight_extensions = {".bin", ".safetensors", ".pt",
                                                            ".pth", ".ckpt",        ".gguf"};
  return k_weight_extensions.contains(path.extension().string()) ||
         path.filename().string().ends_with(".index.json");
}

graph::Graph build_from_checkpoint(const std::filesystem::path& path, const BuildOptions& options) {
  checkpoint::Checkpoint checkpoint = checkpoint::open_checkpoint(path);
  checkpoint.widens_half = options.widens_half;
  if (!options.tokenizer.empty())
    checkpoint.tokenizer_files = read_tokenizer_files(options.tokenizer);
  std::future<std::map<std::string, std::string>> hashes;
  if (options.provenance == Provenance::k_hashed) {
    hashes = std::async(std::launch::async, [&] { return checkpoint::source_hashes(checkpoint); });
  }
  architectures::BuiltModel built = architectures::build(checkpoint);
  built.graph.producer_name = "hasten";
  built.graph.producer_version = k_version;
  const architectures::Architecture& architecture = architectures::find_architecture(checkpoint);
  graph::ModelMetadata metadata =
      describe(checkpoint,
               {built.class_count, built.position_limit, std::string(architecture.name),
                std::string(architecture.model_type)},
               options.function);
  if (hashes.valid()) metadata.source_hashes = hashes.get();
  graph::write_metadata(metadata, built.graph.metadata);
  return std::move(built.graph);
}

namespace {

void require_existing(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return;
  fail(ErrorCode::k_not_found, "there is no such file or folder", path, {},
       "Give an ONNX file made by 'hasten convert', or a checkpoint folder.");
}

std::filesystem::path onnx_file(const std::filesystem::path& path) {
  return onnx_file_in(path).value_or(path);
}

}  // namespace

graph::Graph load_model(const std::filesystem::path& path, std::optional<Function> function,
                        const std::filesystem::path& tokenizer) {
  require_existing(path);
  if (is_checkpoint(path)) {
    return build_from_checkpoint(path, {Provenance::k_left_out, function, false, tokenizer});
  }
  graph::Graph graph = graph::load_onnx(onnx_file(path));
  describe_from_folder(graph, onnx_file(path), tokenizer, function);
  return graph;
}

graph::Graph load_graph(const std::filesystem::path& path) {
  require_existing(path);
  return is_checkpoint(path) ? build_from_checkpoint(path, {}) : graph::load_onnx(onnx_file(path));
}

WeightCount count_weights(const graph::Graph& graph) {
  WeightCount count;
  for (std::size_t i = 0; i < graph.value_count(); ++i) {
    const graph::Value& value = graph.value(static_cast<graph::ValueId>(i));
    if (!value.constant) continue;
    count.bytes += value.constant->bytes.size();
    if (is_floating(value.constant->dtype) || value.constant->dtype == DType::k_int8) {
      count.parameters += value.constant->size();
    }
  }
  return count;
}

}  // namespace hasten::api
