// Texts as XLMTokenizer and FlaubertTokenizer take them: Moses' words, then their BPE.
#pragma once

#include <memory>
#include <string>

#include "tokenizer/added_tokens.h"
#include "tokenizer/bertweet_model.h"
#include "tokenizer/pipeline.h"

namespace hasten::tokenizer {

class MosesPipeline : public Pipeline {
 public:
  // `patterns` are the added tokens: those that lower-casing makes of a text count too.
  MosesPipeline(std::shared_ptr<const BertweetModel> model, const MosesDefinition& options,
                std::vector<AddedVocabulary::Pattern> patterns);

  std::unique_ptr<PipelineScratch> make_scratch() const override;
  void encode(std::string_view text, std::size_t start_length, PipelineScratch& scratch,
              std::vector<std::int32_t>& ids, std::size_t enough) const override;

 private:
  class MosesPipelineScratch;

  void encode_stretch(std::string_view text, MosesPipelineScratch& scratch,
                      std::vector<std::int32_t>& ids, std::size_t enough) const;
  std::vector<std::u32string> words_of(std::string_view text) const;

  std::shared_ptr<const BertweetModel> model_;
  bool is_french_;
  bool lower_cases_;
  AddedTokenSplitter added_tokens_;
};

}  // namespace hasten::tokenizer
