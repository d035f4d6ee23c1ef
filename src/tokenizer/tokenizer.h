// Text -> token ids, the same as Hugging Face's `tokenizers` gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::tokenizer {

// The result of one encode(). Reused between calls so that its memory is.
struct Encoding {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;  // zeros where the family has none; same length as ids
  bool truncated = false;              // content was cut to fit max_length
  std::size_t invalid_bytes = 0;       // bytes of malformed UTF-8, each subpart read as U+FFFD
};

struct EncodeOptions {
  std::int64_t max_length = 0;  // tokens, special ones included; 0: no limit
  bool add_special_tokens = true;
};

// What one thread needs to encode: buffers and the word cache. Made by Tokenizer::make_scratch().
class Scratch {
 public:
  virtual ~Scratch() = default;
};

// Immutable after loading: many threads may encode at once, each with its own Scratch.
class Tokenizer {
 public:
  // `files` maps the names that checkpoint folders use ("tokenizer.json", "vocab.txt", "vocab.json",
  // "merges.txt", "sentencepiece.bpe.model", "tokenizer_config.json", "special_tokens_map.json",
  // "added_tokens.json", "bpe.codes", ...) to their content, and `model_type` is config.json's.
  // simpletransformers' `do_lower_case` counts where tokenizer_config.json has none. Files are
  // untrusted. Throws k_not_found when nothing there makes a tokenizer, k_malformed, k_unsupported.
  static std::unique_ptr<const Tokenizer> load(const std::map<std::string, std::string>& files,
                                               std::string_view model_type,
                                               std::optional<bool> model_args_lower_case = {});

  virtual ~Tokenizer() = default;

  virtual std::unique_ptr<Scratch> make_scratch() const = 0;

  // Encodes a text, or a pair. `scratch` must be this tokenizer's and used by one thread at a time.
  // Any bytes are accepted. max_length below the number of special tokens throws k_usage.
  virtual void encode(std::string_view text, std::optional<std::string_view> pair,
                      const EncodeOptions& options, Scratch& scratch, Encoding& out) const = 0;

  // Number of ids: every id that encode() gives is below it.
  virtual std::int32_t vocabulary_size() const = 0;
  // The token's text as the vocabulary has it ("##ing"); empty for an id without one.
  virtual std::string token(std::int32_t id) const = 0;
  virtual std::optional<std::int32_t> id_of(std::string_view token) const = 0;
  // How many special tokens encode() adds to a text, and to a pair.
  virtual std::int64_t special_token_count(bool pair) const = 0;
  // One line: "WordPiece, 30,522 tokens, lower-casing".
  virtual std::string description() const = 0;
};

}  // namespace hasten::tokenizer
