#include "api/onnx_folder.h"

#include <algorithm>
#include <array>
#include <set>

#include "api/model_source.h"
#include "base/error.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/labels.h"
#include "graph/classifier_head.h"
#include "graph/fixed_sizes.h"
#include "graph/model_metadata.h"
#include "graph/shapes.h"

namespace hasten::api {
namespace {

namespace fs = std::filesystem;

constexpr std::array k_usual_names = {"model.onnx", "model_optimized.onnx", "model_quantized.onnx"};

std::vector<fs::path> onnx_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator place(folder, error), end; !error && place != end;
       place.increment(error)) {
    if (place->path().extension() == ".onnx") files.push_back(place->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Position ids of these begin after the padding id.
bool counts_from_padding(const std::string& model_type) {
  static const std::set<std::string> k_types = {
      "camembert", "longformer", "mpnet", "roberta", "bertweet", "xlm-roberta", "xlm-roberta-xl"};
  return k_types.contains(model_type);
}

std::int64_t position_limit_of(const Json& config) {
  const std::int64_t limit = config.get_integer("max_position_embeddings", 0);
  if (limit <= 0) return checkpoint::k_no_position_limit;
  if (!counts_from_padding(config.get_string("model_type", ""))) return limit;
  return limit - config.get_integer("pad_token_id", 1) - 1;
}

// An export of one length takes no longer texts than that.
std::int64_t position_limit_of(const graph::Graph& graph, const Json& config) {
  const std::int64_t length = graph::fixed_sizes(graph).length;
  const std::int64_t limit = position_limit_of(config);
  if (length <= 0) return limit;
  return limit == checkpoint::k_no_position_limit ? length : std::min(limit, length);
}

std::int64_t class_count_of(const graph::Graph& graph, const Json& config) {
  if (const graph::ValueId logits = graph::find_classifier_head(graph).logits;
      logits != graph::k_no_value) {
    graph::Graph inferred = graph;
    graph::infer_shapes(inferred);
    const auto& shape = inferred.value(logits).shape;
    if (shape && !shape->empty() && shape->back().known()) return shape->back().size;
  }
  if (config["id2label"].is_object()) return std::ssize(config["id2label"].as_object("id2label"));
  return config.get_integer("num_labels", 2);
}

std::string architecture_of(const Json& config) {
  const Json& names = config["architectures"];
  if (!names.is_array() || names.as_array("architectures").empty()) return "";
  return names.as_array("architectures")[0].as_string("architectures");
}

// Where config.json and the tokenizer's files lie; empty: nowhere.
fs::path settings_folder(const fs::path& file) {
  fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code absent;
  if (fs::exists(folder / "config.json", absent)) return folder;
  const fs::path above = folder / "..";
  return folder.filename() == "onnx" && fs::exists(above / "config.json", absent) ? above
                                                                                  : fs::path();
}

}  // namespace

std::map<std::string, std::string> read_tokenizer_files(const fs::path& folder) {
  auto files = checkpoint::open_tokenizer(folder).tokenizer_files;
  // That of config.json only says which kind of tokenizer it is.
  if (files.size() > files.count("config.json")) return files;
  fail(ErrorCode::k_not_found, "there are no tokenizer files in this folder", folder, {},
       "Give the folder that holds tokenizer.json or vocab.txt.");
}

std::optional<fs::path> onnx_file_in(const fs::path& folder) {
  if (!fs::is_directory(folder) || checkpoint::has_weights(folder)) return std::nullopt;
  std::error_code absent;
  for (const fs::path& place : {folder, folder / "onnx"}) {
    for (const char* name : k_usual_names) {
      if (fs::exists(place / name, absent)) return place / name;
    }
    const auto files = onnx_files(place);
    if (files.size() == 1) return files.front();
    if (files.size() > 1) {
      fail(ErrorCode::k_usage, "the folder holds several ONNX files", folder, {},
           "Name one of them: " + files.front().string());
    }
  }
  return std::nullopt;
}

void describe_from_folder(graph::Graph& graph, const fs::path& file, const fs::path& tokenizer,
                          std::optional<Function> function) {
  auto metadata = graph::read_metadata(graph.metadata);
  if (metadata && tokenizer.empty()) return;
  if (metadata) {
    metadata->tokenizer_files = read_tokenizer_files(tokenizer);
    return graph::write_metadata(*metadata, graph.metadata);
  }
  std::error_code absent;
  const bool has_settings = !tokenizer.empty() && fs::exists(tokenizer / "config.json", absent);
  const fs::path folder = has_settings ? tokenizer : settings_folder(file);
  if (folder.empty()) {
    if (tokenizer.empty()) return;
    fail(ErrorCode::k_not_found, "there is no config.json with the labels of the model", tokenizer,
         {}, "Put the config.json that the model was exported with beside its tokenizer.");
  }
  checkpoint::Checkpoint settings = checkpoint::open_settings(folder);
  if (!tokenizer.empty()) settings.tokenizer_files = read_tokenizer_files(tokenizer);
  const Meaning meaning{class_count_of(graph, settings.config),
                        position_limit_of(graph, settings.config), architecture_of(settings.config),
                        settings.config.get_string("model_type", "")};
  graph::ModelMetadata described = describe(settings, meaning, function);
  const auto applied = graph::find_classifier_head(graph).function;
  if (applied && !function) {
    described.function = *applied;
    described.function_reason = "the graph itself applies it";
  }
  graph::write_metadata(described, graph.metadata);
}

}  // namespace hasten::api
