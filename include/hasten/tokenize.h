// Texts in, token ids out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <hasten/texts.h>

namespace hasten {

struct Tokens {
  std::vector<std::string> tokens;
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;  // zeros where the family has none
  bool truncated = false;
};

// The result of one TextEncoder::encode(). Reused between calls so that its memory is.
struct EncodedText {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;  // zeros where the family has none; as many as ids
  bool truncated = false;              // tokens of the text were left out
  std::size_t invalid_bytes = 0;       // of malformed UTF-8: each bad subpart is read as U+FFFD
};

// Ids alone, as fast as it goes. Belongs to one thread, and must not outlive its TextTokenizer.
class TextEncoder {
 public:
  virtual ~TextEncoder() = default;
  // A text of any bytes, or a pair.
  virtual void encode(std::string_view text, std::optional<std::string_view> text_pair,
                      EncodedText& out) = 0;
};

// May be used by many threads at once.
class TextTokenizer {
 public:
  // A converted ONNX file, a checkpoint folder, or a folder of tokenizer files alone. `max_length` counts
  // special tokens and may not be 0; without it the model's own is used, or, of a folder without
  // weights, tokenizer_config.json's, or none.
  static std::unique_ptr<const TextTokenizer> open(const std::filesystem::path& model,
                                                   std::optional<std::int64_t> max_length);
  virtual ~TextTokenizer() = default;

  virtual Tokens tokenize(const TextRow& row) const = 0;
  virtual std::unique_ptr<TextEncoder> make_encoder() const = 0;

  // Every id is below it.
  virtual std::int32_t vocabulary_size() const = 0;
  // The token of an id as the vocabulary has it ("##ing"); empty for an id without one.
  virtual std::string token(std::int32_t id) const = 0;
  virtual std::string description() const = 0;
};

}  // namespace hasten
