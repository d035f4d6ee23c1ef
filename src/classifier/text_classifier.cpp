#include "classifier/text_classifier.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hasten::classifier {

graph::ModelMetadata require_metadata(const graph::Graph& graph) {
  auto metadata = graph::read_metadata(graph.metadata);
  if (!metadata) {
    fail(ErrorCode::k_unsupported, "the ONNX file carries no tokenizer and no labels", {},
         "it was not made by 'hasten convert'",
         "Convert the checkpoint folder that it came from: hasten convert FOLDER OUT.onnx");
  }
  return std::move(*metadata);
}

std::unique_ptr<const tokenizer::Tokenizer> load_tokenizer(const graph::ModelMetadata& metadata) {
  return tokenizer::Tokenizer::load(metadata.tokenizer_files, metadata.model_type,
                                    metadata.model_args_lower_case);
}

std::unique_ptr<const TextClassifier> TextClassifier::open(const graph::Graph& graph,
                                                           const ClassifierOptions& options) {
  std::unique_ptr<TextClassifier> classifier(new TextClassifier());
  classifier->metadata_ = require_metadata(graph);
  if (options.function) classifier->metadata_.function = *options.function;
  if (options.max_length) classifier->metadata_.max_length = *options.max_length;
  classifier->tokenizer_ = load_tokenizer(classifier->metadata_);
  classifier->session_ = engine::Session::open(graph, options.session);
  classifier->check_max_length();
  classifier->check_vocabulary();
  return classifier;
}

void TextClassifier::check_max_length() const {
  const std::int64_t least = tokenizer_->special_token_count(true) + 1;
  if (max_length() < least) {
    fail(ErrorCode::k_usage, fmt::format("a maximum length of {} leaves no room for a text", max_length()),
         {}, {}, fmt::format("Give at least {}.", least));
  }
  const std::int64_t limit = session_->position_limit();
  if (limit > 0 && max_length() > limit) {
    fail(ErrorCode::k_usage,
         fmt::format("a maximum length of {} is beyond the model's {} positions", max_length(), limit),
         {}, {}, fmt::format("Give at most {}.", limit));
  }
}

// The engine does not check ids: a tokenizer that gives larger ones than the embedding table has would
// read past it.
void TextClassifier::check_vocabulary() const {
  const std::int64_t entries = session_->vocabulary_size();
  if (entries > 0 && tokenizer_->vocabulary_size() > entries) {
    fail(ErrorCode::k_malformed,
         fmt::format("the tokenizer has {} ids and the model's embedding table {} rows",
                     tokenizer_->vocabulary_size(), entries),
         {}, "the tokenizer files belong to another model",
         "Put the tokenizer files that the model was trained with into its folder.");
  }
  if (static_cast<std::int64_t>(labels().size()) != session_->class_count()) {
    fail(ErrorCode::k_malformed, fmt::format("the model has {} labels and {} classes", labels().size(),
                                             session_->class_count()));
  }
}

void TextClassifier::encode(std::string_view text, std::optional<std::string_view> pair,
                            tokenizer::Scratch& scratch, tokenizer::Encoding& out) const {
  tokenizer_->encode(text, pair, {max_length(), true}, scratch, out);
  // A pair's second type id on a model with one type would read past its table.
  const std::int64_t types = session_->type_count();
  for (std::int32_t& type : out.type_ids) {
    if (types > 0 && type >= types) type = 0;
  }
}

}  // namespace hasten::classifier
