// Tweets as BertweetTokenizer takes them: normalized or not, cut at white space, then its BPE.
#pragma once

#include <memory>
#include <optional>

#include "tokenizer/bertweet/emoji_version.h"
#include "tokenizer/bertweet_model.h"
#include "tokenizer/pipeline.h"

namespace hasten::tokenizer {

class BertweetPipeline : public Pipeline {
 public:
  // `normalization`: tweets are normalized, with the names that emoji have in that version.
  BertweetPipeline(std::shared_ptr<const BertweetModel> model,
                   std::optional<bertweet::EmojiVersion> normalization);

  std::unique_ptr<PipelineScratch> make_scratch() const override;
  void encode(std::string_view text, std::size_t start_length, PipelineScratch& scratch,
              std::vector<std::int32_t>& ids, std::size_t enough) const override;

 private:
  std::shared_ptr<const BertweetModel> model_;
  std::optional<bertweet::EmojiVersion> normalization_;
};

}  // namespace hasten::tokenizer
