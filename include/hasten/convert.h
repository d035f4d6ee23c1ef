// Checkpoint folder -> self-contained ONNX file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hasten {

struct ConvertOptions {
  std::filesystem::path checkpoint;  // a folder, or a weights file in it
  std::filesystem::path output;      // replaced atomically
};

struct ConvertReport {
  std::string architecture;
  std::int64_t parameter_count = 0;
  std::vector<std::string> labels;
  std::string function;         // "softmax"
  std::string function_reason;  // the setting it was read from
  std::int64_t max_length = 0;
  std::string max_length_reason;
  std::string tokenizer;        // "WordPiece, 30,522 tokens, lower-casing"
  std::uint64_t output_bytes = 0;
  double seconds = 0;
};

// Throws k_not_found, k_malformed, k_unsupported (nothing is guessed) or k_output. On failure the
// output is as it was.
ConvertReport convert(const ConvertOptions& options);

}  // namespace hasten
