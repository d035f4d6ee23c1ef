// Texts in, token ids out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <hasten/texts.h>

namespace hasten {

struct Tokens {
  std::vector<std::string> tokens;
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;  // zeros where the family has none
  bool truncated = false;
};

class TextTokenizer {
 public:
  // A converted ONNX file or a checkpoint folder. `max_length` counts special
  // tokens; without it the model's own is used.
  static std::unique_ptr<const TextTokenizer> open(const std::filesystem::path& model,
                                                   std::optional<std::int64_t> max_length);
  virtual ~TextTokenizer() = default;
  virtual Tokens tokenize(const TextRow& row) const = 0;
  virtual std::string description() const = 0;
};

}  // namespace hasten
