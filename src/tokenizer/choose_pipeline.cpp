#include "tokenizer/choose_pipeline.h"

#include "base/error.h"
#include "tokenizer/bert_pipeline.h"
#include "tokenizer/wordpiece.h"

namespace hasten::tokenizer {
namespace {

std::optional<BertNormalizer> only_bert_normalizer(const TokenizerDefinition& definition) {
  if (definition.normalizers.empty()) return std::nullopt;
  return std::get<BertNormalizer>(definition.normalizers.front());
}

}  // namespace

ChosenPipeline choose_pipeline(TokenizerDefinition& definition) {
  ChosenPipeline chosen;
  auto& options = std::get<WordPieceDefinition>(definition.model);
  auto model = std::make_shared<const WordPiece>(
      std::move(definition.vocabulary), options.unknown_token, options.continuing_subword_prefix,
      options.max_input_chars_per_word);
  chosen.vocabulary = std::shared_ptr<const Vocabulary>(model, &model->vocabulary());
  chosen.model_name = "WordPiece";
  const auto normalizer = only_bert_normalizer(definition);
  if (normalizer && normalizer->lowercase) chosen.remark = ", lower-casing";
  if (definition.added_tokens.patterns(true).empty()) {
    chosen.pipeline = std::make_unique<BertPipeline>(std::move(model), normalizer);
  } else {
    chosen.normalizer = Normalizer(definition.normalizers);
    chosen.pipeline = std::make_unique<BertPipeline>(std::move(model), std::nullopt);
  }
  return chosen;
}

}  // namespace hasten::tokenizer
