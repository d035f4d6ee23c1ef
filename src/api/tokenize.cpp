#include <hasten/tokenize.h>

#include <mutex>

#include "api/model_source.h"
#include "base/error.h"
#include "classifier/text_classifier.h"

namespace hasten {
namespace {

class MetadataTokenizer : public TextTokenizer {
 public:
  MetadataTokenizer(std::unique_ptr<const tokenizer::Tokenizer> tokenizer, std::int64_t max_length)
      : tokenizer_(std::move(tokenizer)),
        max_length_(max_length),
        scratch_(tokenizer_->make_scratch()) {}

  std::string description() const override { return tokenizer_->description(); }

  Tokens tokenize(const TextRow& row) const override {
    const std::lock_guard lock(mutex_);
    std::optional<std::string_view> pair;
    if (row.text_pair) pair = *row.text_pair;
    tokenizer_->encode(row.text, pair, {max_length_, true}, *scratch_, encoding_);
    Tokens result;
    result.ids = encoding_.ids;
    result.type_ids = encoding_.type_ids;
    result.truncated = encoding_.truncated;
    for (const std::int32_t id : encoding_.ids) result.tokens.push_back(tokenizer_->token(id));
    return result;
  }

 private:
  std::unique_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::int64_t max_length_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<tokenizer::Scratch> scratch_;
  mutable tokenizer::Encoding encoding_;
};

}  // namespace

std::unique_ptr<const TextTokenizer> TextTokenizer::open(const std::filesystem::path& model,
                                                         std::optional<std::int64_t> max_length) {
  const graph::ModelMetadata metadata = classifier::require_metadata(api::load_model(model));
  auto tokenizer = classifier::load_tokenizer(metadata);
  const std::int64_t limit = max_length.value_or(metadata.max_length);
  if (limit <= tokenizer->special_token_count(true)) {
    fail(ErrorCode::k_usage, "a maximum length of " + std::to_string(limit) +
                                 " leaves no room for a text");
  }
  return std::make_unique<MetadataTokenizer>(std::move(tokenizer), limit);
}

}  // namespace hasten
