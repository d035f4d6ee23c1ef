#include "tokenizer/model.h"

#include "tokenizer/bertweet_model.h"
#include "tokenizer/bpe.h"
#include "tokenizer/unigram.h"
#include "tokenizer/word_level.h"
#include "tokenizer/wordpiece.h"

namespace hasten::tokenizer {
namespace {

std::shared_ptr<const Model> make(const WordPieceDefinition& options, Vocabulary vocabulary) {
  return std::make_shared<WordPiece>(std::move(vocabulary), options.unknown_token,
                                     options.continuing_subword_prefix,
                                     options.max_input_chars_per_word);
}

std::shared_ptr<const Model> make(const WordLevelDefinition& options, Vocabulary vocabulary) {
  return std::make_shared<WordLevel>(std::move(vocabulary), options.unknown_token);
}

std::shared_ptr<const Model> make(BpeDefinition& options, Vocabulary vocabulary) {
  return std::make_shared<Bpe>(std::move(vocabulary), std::move(options));
}

std::shared_ptr<const Model> make(UnigramDefinition& options, Vocabulary vocabulary) {
  return std::make_shared<Unigram>(std::move(vocabulary), std::move(options));
}

// The same model for MosesDefinition.
std::shared_ptr<const Model> make(const BertweetDefinition& options, Vocabulary vocabulary) {
  return std::make_shared<BertweetModel>(std::move(vocabulary), options);
}

}  // namespace

std::shared_ptr<const Model> make_model(TokenizerDefinition& definition) {
  return std::visit([&](auto& options) { return make(options, std::move(definition.vocabulary)); },
                    definition.model);
}

}  // namespace hasten::tokenizer
