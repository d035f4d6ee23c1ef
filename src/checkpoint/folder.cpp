#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/sha256.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/refusals.h"
#include "checkpoint/source_folder.h"
#include "checkpoint/weights.h"

namespace hasten::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_special_tokens = "special_tokens_map.json";
constexpr std::string_view k_added_tokens = "added_tokens.json";

constexpr std::array k_tokenizer_files = {"tokenizer.json",
                                          "tokenizer_config.json",
                                          k_special_tokens.data(),
                                          k_added_tokens.data(),
                                          "vocab.txt",
                                          "vocab.json",
                                          "merges.txt",
                                          "bpe.codes",
                                          "dict.txt",
                                          "sentencepiece.bpe.model",
                                          "spiece.model",
                                          "spm.model",
                                          "tokenizer.model",
                                          "sentencepiece.model"};

constexpr std::array k_weight_files = {"model.safetensors", "pytorch_model.bin"};

// A path split into the checkpoint's folder and, when it names a file, that file.
struct Target {
  fs::path folder;
  std::string file;
};

Target split(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return {path, {}};
  if (!fs::exists(path, error)) {
    fail(ErrorCode::k_not_found, "no such file or folder", path.string(),
         "models are read from the disk, never downloaded by name",
         "Check the path; for a model of the Hugging Face Hub, download its folder first.");
  }
  return {path.has_parent_path() ? path.parent_path() : fs::path("."), path.filename().string()};
}

// A shard stands for all of them.
std::string index_of(const SourceFolder& folder, const std::string& file) {
  if (file.ends_with(".index.json")) return file;
  const bool is_shard = file.find("-of-") != std::string::npos;
  for (const char* index : {"model.safetensors.index.json", "pytorch_model.bin.index.json"}) {
    if (is_shard && folder.has(index)) return index;
  }
  return {};
}

// The order of transformers: safetensors before pickles, one file before shards.
std::map<std::string, Tensor> read_weights(SourceFolder& folder, const std::string& file) {
  if (!file.empty()) {
    if (const auto index = index_of(folder, file); !index.empty())
      return read_shards(folder, index);
    return read_weights_file(folder.open_named(file));
  }
  for (const std::string name : k_weight_files) {
    if (folder.has(name)) return read_weights_file(folder.open(name));
    if (folder.has(name + ".index.json")) return read_shards(folder, name + ".index.json");
  }
  fail_without_weights(folder);
}

void read_tokenizer_files(SourceFolder& folder, Checkpoint& checkpoint) {
  for (const char* name : k_tokenizer_files) {
    if (!folder.has(name)) continue;
    // Not every tokenizer reads these two, but a damaged one is a damaged folder.
    if (name == k_special_tokens || name == k_added_tokens) folder.read_json(name);
    checkpoint.tokenizer_files.emplace(name, folder.open(name).text());
  }
  if (const Json& name = checkpoint.config["tokenizer_class"]; name.is_string()) {
    const Json named(Json::Object{{"tokenizer_class", name}});
    checkpoint.tokenizer_files.emplace("config.json", to_string(named));
  }
}

enum class Wanted { k_all, k_settings, k_tokenizer };

Checkpoint open(const fs::path& path, Wanted wanted) {
  const Target target = split(path);
  SourceFolder folder(target.folder);
  Checkpoint checkpoint;
  checkpoint.folder = target.folder;
  const bool has_config = folder.has("config.json");
  if (has_config) {
    checkpoint.config = folder.read_json("config.json");
    if (!checkpoint.config.is_object()) {
      fail(ErrorCode::k_malformed, "no JSON object", folder.where("config.json"));
    }
  }
  checkpoint.model_args = folder.read_json("model_args.json");
  refuse_unknown_kinds(folder, checkpoint.config, checkpoint.model_args,
                       folder.read_json("tokenizer_config.json"));
  if (wanted == Wanted::k_all) checkpoint.tensors = read_weights(folder, target.file);
  if (!has_config && wanted != Wanted::k_tokenizer) fail_without_config(folder);
  read_tokenizer_files(folder, checkpoint);
  checkpoint.sources = folder.files();
  return checkpoint;
}

}  // namespace

Checkpoint open_checkpoint(const fs::path& path) {
  return open(path, Wanted::k_all);
}

Checkpoint open_settings(const fs::path& path) {
  return open(path, Wanted::k_settings);
}

Checkpoint open_tokenizer(const fs::path& folder) {
  return open(folder, Wanted::k_tokenizer);
}

bool has_weights(const fs::path& path) {
  const SourceFolder folder(path);
  return std::any_of(k_weight_files.begin(), k_weight_files.end(), [&](std::string_view file) {
    const std::string name(file);
    return folder.has(name) || folder.has(name + ".index.json");
  });
}

std::map<std::string, std::string> source_hashes(const Checkpoint& checkpoint) {
  std::map<std::string, std::string> hashes;
  for (const auto& [name, file] : checkpoint.sources)
    hashes[name] = sha256_hex(file->bytes(), file);
  return hashes;
}

}  // namespace hasten::checkpoint
