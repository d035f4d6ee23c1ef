#include <hasten/tokenize.h>

#include <mutex>

#include "api/model_source.h"
#include "base/error.h"
#include "checkpoint/checkpoint.h"
#include "classifier/text_classifier.h"

namespace hasten {
namespace {

namespace fs = std::filesystem;

// What a tokenizer is made of.
struct Source {
  std::unique_ptr<const tokenizer::Tokenizer> tokenizer;
  std::int64_t max_length = 0;  // 0: none
};

Source open_model(const fs::path& path) {
  const graph::ModelMetadata metadata = classifier::require_metadata(api::load_model(path));
  return {classifier::load_tokenizer(metadata), metadata.max_length};
}

// The 10^30 that stands in tokenizer_config.json for "none" is none.
std::int64_t read_max_length(const checkpoint::Checkpoint& checkpoint) {
  constexpr double k_no_limit = 1e9;
  const auto config = checkpoint.tokenizer_files.find("tokenizer_config.json");
  if (config == checkpoint.tokenizer_files.end()) return 0;
  const double length =
      Json::parse(config->second, config->first).get_number("model_max_length", 0);
  return length >= 1 && length < k_no_limit ? static_cast<std::int64_t>(length) : 0;
}

Source open_tokenizer_folder(const fs::path& path) {
  const checkpoint::Checkpoint checkpoint = checkpoint::open_tokenizer(path);
  std::optional<bool> lower_case;
  if (checkpoint.model_args.contains("do_lower_case")) {
    lower_case = checkpoint.model_args.get_bool("do_lower_case", false);
  }
  const std::string model_type = checkpoint.config.get_string("model_type", "");
  return {tokenizer::Tokenizer::load(checkpoint.tokenizer_files, model_type, lower_case),
          read_max_length(checkpoint)};
}

class Encoder : public TextEncoder {
 public:
  Encoder(const tokenizer::Tokenizer& tokenizer, std::int64_t max_length)
      : tokenizer_(tokenizer), max_length_(max_length), scratch_(tokenizer.make_scratch()) {}

  void encode(std::string_view text, std::optional<std::string_view> text_pair,
              EncodedText& out) override {
    tokenizer_.encode(text, text_pair, {max_length_, true}, *scratch_, encoding_);
    out.ids.assign(encoding_.ids.begin(), encoding_.ids.end());
    out.type_ids.assign(encoding_.type_ids.begin(), encoding_.type_ids.end());
    out.truncated = encoding_.truncated;
    out.invalid_bytes = encoding_.invalid_bytes;
  }

 private:
  const tokenizer::Tokenizer& tokenizer_;
  std::int64_t max_length_;
  std::unique_ptr<tokenizer::Scratch> scratch_;
  tokenizer::Encoding encoding_;
};

class SourceTokenizer : public TextTokenizer {
 public:
  explicit SourceTokenizer(Source source)
      : source_(std::move(source)), encoder_(*source_.tokenizer, source_.max_length) {}

  std::string description() const override { return source_.tokenizer->description(); }
  std::int32_t vocabulary_size() const override { return source_.tokenizer->vocabulary_size(); }
  std::string token(std::int32_t id) const override { return source_.tokenizer->token(id); }

  std::unique_ptr<TextEncoder> make_encoder() const override {
    return std::make_unique<Encoder>(*source_.tokenizer, source_.max_length);
  }

  Tokens tokenize(const TextRow& row) const override {
    std::optional<std::string_view> pair;
    if (row.text_pair) pair = *row.text_pair;
    EncodedText encoded;
    {
      const std::lock_guard lock(mutex_);
      encoder_.encode(row.text, pair, encoded);
    }
    Tokens result{{}, std::move(encoded.ids), std::move(encoded.type_ids), encoded.truncated};
    for (const std::int32_t id : result.ids) result.tokens.push_back(token(id));
    return result;
  }

 private:
  Source source_;
  mutable std::mutex mutex_;
  mutable Encoder encoder_;
};

}  // namespace

std::unique_ptr<const TextTokenizer> TextTokenizer::open(const fs::path& model,
                                                         std::optional<std::int64_t> max_length) {
  const bool has_no_weights = fs::is_directory(model) && !checkpoint::has_weights(model);
  Source source = has_no_weights ? open_tokenizer_folder(model) : open_model(model);
  if (max_length) source.max_length = *max_length;
  const bool is_limited = max_length || source.max_length > 0;
  if (is_limited && source.max_length <= source.tokenizer->special_token_count(true)) {
    fail(ErrorCode::k_usage,
         "a maximum length of " + std::to_string(source.max_length) + " leaves no room for a text");
  }
  return std::make_unique<SourceTokenizer>(std::move(source));
}

}  // namespace hasten
