#include "tokenizer/choose_pipeline.h"

#include <algorithm>

#include "tokenizer/bert_pipeline.h"
#include "tokenizer/bertweet_pipeline.h"
#include "tokenizer/byte_level_pipeline.h"
#include "tokenizer/generic_pipeline.h"
#include "tokenizer/moses_pipeline.h"

namespace hasten::tokenizer {
namespace {

using Normalizers = std::vector<NormalizerDefinition>;

// The pre-tokenizer, when it is the only one and of that type.
template <typename Type>
const Type* only_pre_tokenizer(const TokenizerDefinition& definition) {
  if (definition.pre_tokenizers.size() != 1) return nullptr;
  return std::get_if<Type>(&definition.pre_tokenizers.front());
}

std::unique_ptr<const Pipeline> make_bert(const TokenizerDefinition& definition,
                                          const Normalizers& normalizers,
                                          const std::shared_ptr<const Model>& model) {
  auto word_piece = std::dynamic_pointer_cast<const WordPiece>(model);
  if (!word_piece || only_pre_tokenizer<BertPreTokenizer>(definition) == nullptr) return nullptr;
  if (normalizers.empty()) return std::make_unique<BertPipeline>(word_piece, std::nullopt);
  const auto* normalizer = std::get_if<BertNormalizer>(&normalizers.front());
  if (normalizers.size() > 1 || normalizer == nullptr) return nullptr;
  return std::make_unique<BertPipeline>(word_piece, *normalizer);
}

std::unique_ptr<const Pipeline> make_byte_level(const TokenizerDefinition& definition,
                                                const Normalizers& normalizers,
                                                const std::shared_ptr<const Model>& model) {
  auto bpe = std::dynamic_pointer_cast<const Bpe>(model);
  const auto* byte_level = only_pre_tokenizer<ByteLevel>(definition);
  if (!bpe || !bpe->encodes_bytes() || byte_level == nullptr || !byte_level->use_regex) {
    return nullptr;
  }
  return std::make_unique<ByteLevelPipeline>(Normalizer(normalizers), byte_level->add_prefix_space,
                                             bpe);
}

std::unique_ptr<const Pipeline> make_bertweet(const TokenizerDefinition& definition,
                                              const std::shared_ptr<const Model>& model) {
  auto bertweet = std::dynamic_pointer_cast<const BertweetModel>(model);
  if (!bertweet) return nullptr;
  if (const auto* moses = std::get_if<MosesDefinition>(&definition.model)) {
    return std::make_unique<MosesPipeline>(bertweet, *moses,
                                           definition.added_tokens.patterns(false));
  }
  const auto& options = std::get<BertweetDefinition>(definition.model);
  return std::make_unique<BertweetPipeline>(
      bertweet, options.normalization ? std::optional(options.emoji) : std::nullopt);
}

bool lower_cases(const TokenizerDefinition& definition) {
  const auto* moses = std::get_if<MosesDefinition>(&definition.model);
  const Normalizers& normalizers = definition.normalizers;
  return (moses != nullptr && moses->lower_cases) ||
         std::any_of(normalizers.begin(), normalizers.end(), [](const NormalizerDefinition& step) {
           const auto* bert = std::get_if<BertNormalizer>(&step);
           return std::holds_alternative<Lowercase>(step) || (bert != nullptr && bert->lowercase);
         });
}

bool asks_for_start(const TokenizerDefinition& definition) {
  return std::any_of(definition.pre_tokenizers.begin(), definition.pre_tokenizers.end(),
                     [](const PreTokenizerDefinition& step) {
                       const auto* metaspace = std::get_if<Metaspace>(&step);
                       return metaspace != nullptr &&
                              metaspace->prepend == Metaspace::Prepend::k_first;
                     });
}

}  // namespace

ChosenPipeline choose_pipeline(TokenizerDefinition& definition) {
  ChosenPipeline chosen;
  const std::shared_ptr<const Model> model = make_model(definition);
  chosen.vocabulary = std::shared_ptr<const Vocabulary>(model, &model->vocabulary());
  chosen.model_name = model->name();
  chosen.lower_cases = lower_cases(definition);
  chosen.asks_for_start = asks_for_start(definition);
  Normalizers normalizers = definition.normalizers;
  if (!definition.added_tokens.patterns(true).empty()) {
    chosen.normalizer = Normalizer(normalizers);
    normalizers.clear();
  }
  chosen.pipeline = make_bert(definition, normalizers, model);
  if (!chosen.pipeline) chosen.pipeline = make_byte_level(definition, normalizers, model);
  if (!chosen.pipeline) chosen.pipeline = make_bertweet(definition, model);
  if (!chosen.pipeline) {
    chosen.pipeline = std::make_unique<GenericPipeline>(
        Normalizer(normalizers), PreTokenizer(definition.pre_tokenizers), model);
  }
  return chosen;
}

}  // namespace hasten::tokenizer
