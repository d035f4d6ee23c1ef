#include "checkpoint/weights.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "base/error.h"
#include "checkpoint/quote_name.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/source_folder.h"
#include "checkpoint/torch_bin.h"

namespace hasten::checkpoint {
namespace {

[[noreturn]] void fail_foreign(const char* what, const std::string& where) {
  fail(ErrorCode::k_unsupported, what, where, {},
       "Give a checkpoint with model.safetensors or pytorch_model.bin.");
}

// Formats that are mistaken for weights often enough to be told by name.
void refuse_foreign(std::string_view text, const std::string& where) {
  if (text.substr(0, 1024).find("ustar") == 257) {
    fail_foreign("weights in the tar format of torch 0.1", where);
  }
  if (text.starts_with("GGUF")) fail_foreign("weights of llama.cpp (GGUF)", where);
  if (text.starts_with("\x89HDF")) fail_foreign("TensorFlow weights (HDF5)", where);
  if (text.starts_with("version https://git-lfs")) {
    fail(ErrorCode::k_malformed, "a Git LFS pointer in place of the weights", where,
         "the repository was cloned without its large files", "Run: git lfs pull");
  }
}

}  // namespace

std::map<std::string, Tensor> read_weights_file(const FileBytes& file) {
  const std::string_view text = file.text();
  // First, because the length that begins this format may be any other format's first bytes.
  if (text.size() > 8 && text[8] == '{') return read_safetensors(file);
  refuse_foreign(text, file.where);
  if (text.starts_with("PK")) return read_torch_zip(file);
  if (text.starts_with("\x80")) return read_torch_legacy(file);
  fail(ErrorCode::k_malformed,
       text.empty() ? "the file is empty" : "no format of weights begins so", file.where,
       "the file is damaged, or it holds something else",
       "Give a checkpoint with model.safetensors or pytorch_model.bin.");
}

std::map<std::string, std::string> parse_shard_index(const Json& index, const std::string& where) {
  std::map<std::string, std::string> shard_of;
  for (const auto& [name, shard] : index["weight_map"].as_object(where + ": weight_map")) {
    shard_of[name] = shard.as_string(fmt::format("{}: the shard of {}", where, quote_name(name)));
  }
  if (shard_of.empty()) fail(ErrorCode::k_malformed, "the weight_map lists no tensors", where);
  return shard_of;
}

std::map<std::string, Tensor> read_shards(SourceFolder& folder, const std::string& index_name) {
  const std::string where = folder.where(index_name);
  const auto shard_of = parse_shard_index(folder.read_json(index_name), where);
  std::set<std::string> shards;
  for (const auto& [name, shard] : shard_of) shards.insert(shard);
  std::map<std::string, Tensor> tensors;
  for (const std::string& shard : shards) {
    auto part = read_weights_file(folder.open(shard));
    tensors.merge(part);
    if (!part.empty()) {
      fail(ErrorCode::k_malformed,
           fmt::format("tensor {} is in two shards", quote_name(part.begin()->first)),
           folder.where(shard));
    }
  }
  for (const auto& [name, shard] : shard_of) {
    if (tensors.contains(name)) continue;
    fail(ErrorCode::k_malformed,
         fmt::format("tensor {} is not in the shard {}", quote_name(name), quote_name(shard)),
         where, "shards of two checkpoints were mixed", "Save or download the checkpoint again.");
  }
  return tensors;
}

}  // namespace hasten::checkpoint
