// Checkpoint folder -> self-contained ONNX file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <hasten/options.h>

namespace hasten {

// How half-precision weights are stored; arithmetic is float32 either way.
enum class WeightStorage {
  k_keep,     // as they are, with a Cast to float32 in the graph: half the size
  k_float32,  // widened
};
// "keep", "fp32"; throws k_usage.
WeightStorage parse_weight_storage(const std::string& name);

struct ConvertOptions {
  std::filesystem::path checkpoint;  // a folder, or a weights file in it
  std::filesystem::path output;      // replaced atomically
  WeightStorage weights = WeightStorage::k_keep;
  std::optional<Function>
      function;  // what turns logits into probabilities, instead of what the folder says
  std::filesystem::path tokenizer;  // a folder of tokenizer files instead of the checkpoint's own
  std::int64_t opset = 17;          // from 11 to 17
  bool external_data = false;       // weights go into a file of their own, whatever their size
  std::string output_name;          // of the logits in the graph; empty: "logits"
};

struct ConvertReport {
  std::string architecture;
  std::int64_t parameter_count = 0;
  std::vector<std::string> labels;
  std::string function;         // "softmax"
  std::string function_reason;  // the setting it was read from
  std::int64_t max_length = 0;
  std::string max_length_reason;
  std::string tokenizer;  // "WordPiece, 30,522 tokens, lower-casing"
  std::uint64_t output_bytes = 0;
  double seconds = 0;
};

// Throws k_not_found, k_malformed, k_unsupported (nothing is guessed; an operator
// that the opset lacks) or k_output. On failure the
// output is as it was.
ConvertReport convert(const ConvertOptions& options);

}  // namespace hasten
