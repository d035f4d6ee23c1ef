#include "tokenizer/bertweet_pipeline.h"

#include <algorithm>

#include "tokenizer/bertweet/normalize_tweet.h"
#include "tokenizer/bertweet/tweet_characters.h"
#include "tokenizer/cached_model.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

class BertweetPipelineScratch : public PipelineScratch {
 public:
  BertweetPipelineScratch(const Model& of, bertweet::EmojiVersion emoji)
      : normalizer(emoji), model(of) {}
  bertweet::TweetNormalizer normalizer;
  CachedModel model;
};

// The end of the word at `cursor`: \S+\n?
const char* word_end(const char* cursor, const char* end) {
  while (cursor != end) {
    const char* next = cursor;
    const char32_t code = next_code_point(next);
    if (bertweet::is(code, bertweet::k_python_space)) return code == U'\n' ? next : cursor;
    cursor = next;
  }
  return end;
}

}  // namespace

BertweetPipeline::BertweetPipeline(std::shared_ptr<const BertweetModel> model,
                                   std::optional<bertweet::EmojiVersion> normalization)
    : model_(std::move(model)), normalization_(normalization) {}

std::unique_ptr<PipelineScratch> BertweetPipeline::make_scratch() const {
  return std::make_unique<BertweetPipelineScratch>(
      *model_, normalization_.value_or(bertweet::EmojiVersion::k_0_6_0));
}

void BertweetPipeline::encode(std::string_view text, std::size_t, PipelineScratch& scratch,
                              std::vector<std::int32_t>& ids, std::size_t enough) const {
  auto& own = static_cast<BertweetPipelineScratch&>(scratch);
  const auto encode_word = [&](std::string_view word) {
    own.model.encode(word, ids, [&](ModelScratch* model_scratch, std::vector<std::int32_t>& out) {
      model_->encode(word, model_scratch, out);
    });
  };
  if (normalization_) {
    text = own.normalizer.normalize(text);
    while (!text.empty() && ids.size() <= enough) {
      const std::size_t end = std::min(text.find(' '), text.size());
      encode_word(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return;
  }
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  while (cursor != end && ids.size() <= enough) {
    const char* next = cursor;
    if (bertweet::is(next_code_point(next), bertweet::k_python_space)) {
      cursor = next;
      continue;
    }
    next = word_end(cursor, end);
    encode_word({cursor, static_cast<std::size_t>(next - cursor)});
    cursor = next;
  }
}

}  // namespace hasten::tokenizer
