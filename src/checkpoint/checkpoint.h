// Checkpoint: a fine-tuned classifier as training left it on the disk.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/json.h"
#include "base/tensor.h"

namespace hasten::checkpoint {

// A folder's content, whatever the files' format. Weights lie in the mapped files.
struct Checkpoint {
  std::filesystem::path folder;
  std::map<std::string, Tensor> tensors;  // name as saved ("bert.embeddings...") -> values
  Json config;                            // config.json
  Json model_args;                        // simpletransformers' model_args.json, or null
  // Every tokenizer file that is there: "tokenizer.json", "vocab.txt", ... -> content.
  std::map<std::string, std::string> tokenizer_files;
  // Files that the weights and settings came from, for provenance: name -> SHA-256 in hex.
  std::map<std::string, std::string> source_hashes;
};

// Reads a folder, or the folder around a weights file (`.../pytorch_model.bin` means its folder, with
// that file's weights). Throws k_not_found for a folder without weights or config.json (naming
// what was looked for and, when subfolders hold checkpoints, those), k_unsupported for what
// must not be guessed: a LoRA/PEFT adapter, quantised weights, remote code (`auto_map`); k_malformed
// for damaged files.
Checkpoint open_checkpoint(const std::filesystem::path& path);

}  // namespace hasten::checkpoint
