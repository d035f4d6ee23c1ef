// Checkpoint: a fine-tuned classifier as training left it on the disk.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/json.h"
#include "base/mapped_file.h"
#include "base/tensor.h"

namespace hasten::checkpoint {

// A folder's content, whatever the files' format. Weights lie in the mapped files.
struct Checkpoint {
  std::filesystem::path folder;
  // Name -> values, names exactly as saved: with "module." or "bert." before them or not, with
  // "gamma" and "beta" for LayerNorm or not. Tensors may share memory (tied weights).
  std::map<std::string, Tensor> tensors;
  Json config;      // config.json, an object
  Json model_args;  // simpletransformers' model_args.json, or null
  // Whether whoever builds a graph of it makes float32 of half-precision weights.
  bool widens_half = false;
  // Every tokenizer file that is there: "tokenizer.json", "vocab.txt", ... -> content. Where config.json
  // names a tokenizer class, "config.json" has that and no more.
  std::map<std::string, std::string> tokenizer_files;
  // Every file that was read, mapped: name -> bytes.
  std::map<std::string, std::shared_ptr<const MappedFile>> sources;
};

// Reads a folder, or the folder around a weights file (`.../pytorch_model.bin` means its folder,
// with that file's weights). Throws k_not_found for a folder without weights or config.json (naming
// what was looked for and, when subfolders hold checkpoints, those), k_unsupported for what
// must not be guessed: a LoRA/PEFT adapter, quantised weights, remote code (`auto_map`), weights of
// another framework; k_malformed for damaged files and for links that leave the folder (those of
// the Hugging Face cache, into `blobs` two levels above, may).
Checkpoint open_checkpoint(const std::filesystem::path& path);

// The same without looking for weights: `tensors` is empty.
Checkpoint open_settings(const std::filesystem::path& path);

// Whether a folder holds weights, whole or in shards.
bool has_weights(const std::filesystem::path& folder);

// A folder's tokenizer files and what settings stand beside them, none of which must be there: `tensors`
// is empty, `config` null without a config.json.
Checkpoint open_tokenizer(const std::filesystem::path& folder);

// SHA-256 in hex of every file of `sources`, for provenance. Reads all of them: about a second for
// 1.7 GB, which is why it is not a part of opening.
std::map<std::string, std::string> source_hashes(const Checkpoint& checkpoint);

}  // namespace hasten::checkpoint
