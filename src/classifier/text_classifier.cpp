#include "classifier/text_classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/sha256.h"
#include "classifier/window_votes.h"

namespace hasten::classifier {

graph::ModelMetadata require_metadata(const graph::Graph& graph) {
  auto metadata = graph::read_metadata(graph.metadata);
  if (!metadata) {
    fail(ErrorCode::k_unsupported, "the ONNX file carries no tokenizer and no labels", {},
         "it was not made by 'hasten convert', and no tokenizer lies beside it",
         "Give the folder of its tokenizer and config.json: --tokenizer FOLDER.");
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
  if (!options.max_length) classifier->bound_max_length();
  classifier->check_max_length();
  classifier->check_vocabulary();
  if (classifier->sliding_window()) classifier->prepare_windows();
  return classifier;
}

// Settings beside a graph may not know how many positions it has.
void TextClassifier::bound_max_length() {
  const std::int64_t limit = session_->position_limit();
  if (limit > 0 && !sliding_window()) {
    metadata_.max_length = std::min(metadata_.max_length, limit);
  }
}

void TextClassifier::check_max_length() const {
  const std::int64_t least = tokenizer_->special_token_count(true) + 1;
  if (max_length() < least) {
    fail(ErrorCode::k_usage,
         fmt::format("a maximum length of {} leaves no room for a text", max_length()), {}, {},
         fmt::format("Give at least {}.", least));
  }
  const std::int64_t limit = session_->position_limit();
  if (limit > 0 && max_length() > limit) {
    fail(ErrorCode::k_usage,
         fmt::format("a maximum length of {} is beyond the model's {} positions", max_length(),
                     limit),
         {}, {}, fmt::format("Give at most {}.", limit));
  }
}

// The engine does not check ids: a tokenizer that gives larger ones than the embedding table has
// would read past it.
void TextClassifier::check_vocabulary() const {
  const std::int64_t entries = session_->vocabulary_size();
  if (entries > 0 && tokenizer_->vocabulary_size() > entries) {
    fail(ErrorCode::k_malformed,
         fmt::format("the tokenizer has {} ids and the model's embedding table {} rows",
                     tokenizer_->vocabulary_size(), entries),
         {}, "the tokenizer files belong to another model",
         "Put the tokenizer files that the model was trained with into its folder.");
  }
  const std::int64_t classes = session_->class_count();
  if (std::ssize(labels()) != classes) {
    fail(ErrorCode::k_malformed,
         fmt::format("the model has {} labels and {} classes", labels().size(), classes));
  }
  if (!metadata_.thresholds.empty() && std::ssize(metadata_.thresholds) != classes) {
    fail(ErrorCode::k_malformed, fmt::format("the model has {} thresholds and {} classes",
                                             metadata_.thresholds.size(), classes));
  }
}

void TextClassifier::prepare_windows() {
  const std::int64_t content = max_length() - metadata_.window_reserve;
  const double stride = metadata_.stride < 1
                            ? std::floor(static_cast<double>(max_length()) * metadata_.stride)
                            : metadata_.stride;
  if (content < 1 || !(stride >= 1) || stride > 1e9) {
    fail(ErrorCode::k_usage,
         fmt::format("sliding windows of {} tokens with a stride of {}", max_length(),
                     metadata_.stride),
         {}, "they hold no token or do not move on", "Give a larger --max-length.");
  }
  frame_ = find_frame(*tokenizer_);
  if (metadata_.window_reserve < std::ssize(frame_.before) + std::ssize(frame_.after)) {
    fail(ErrorCode::k_malformed, "the windows leave no room for the special tokens",
         "metadata entry hasten.window_reserve");
  }
  const std::int64_t classes = session_->class_count();
  if (classes > 1 && (metadata_.tie_value < 0 || metadata_.tie_value >= classes)) {
    fail(ErrorCode::k_malformed,
         fmt::format("a tied vote goes to class {} of {}", metadata_.tie_value, classes),
         "metadata entry hasten.tie_value");
  }
  layout_ = {static_cast<std::size_t>(content), static_cast<std::size_t>(stride)};
}

void TextClassifier::encode(std::string_view text, std::optional<std::string_view> pair,
                            EncodeScratch& scratch, Sequences& out) const {
  if (sliding_window()) {
    if (pair && !pair->empty()) {
      fail(ErrorCode::k_usage, "a pair of texts was given to a model with sliding windows", {},
           "it was trained on single texts", "Give one text a row.");
    }
    if (metadata_.window_leading_space && !text.starts_with(' ')) {
      text = scratch.spaced.assign(1, ' ').append(text);
    }
    tokenizer_->encode(text, {}, {0, false}, *scratch.tokenizer, scratch.encoding);
    cut_windows(scratch.encoding, frame_, layout_, out);
  } else {
    tokenizer_->encode(text, pair, {max_length(), true}, *scratch.tokenizer, scratch.encoding);
    out.clear();
    out.append(scratch.encoding.ids, scratch.encoding.type_ids);
    out.end_sequence();
    out.truncated = scratch.encoding.truncated;
  }
  // A pair's second type id on a model with one type would read past its table.
  const std::int64_t types = session_->type_count();
  for (std::int32_t& type : out.type_ids) {
    if (types > 0 && type >= types) type = 0;
  }
}

std::string TextClassifier::encoding_hash() const {
  Sha256 hash;
  const auto add = [&](std::string_view value) {
    hash.update(fmt::format("{}:", value.size()));
    hash.update(value);
  };
  for (const auto& [name, content] : metadata_.tokenizer_files) {
    add(name);
    add(content);
  }
  add(metadata_.model_type);
  const std::optional<bool>& lower_case = metadata_.model_args_lower_case;
  add(fmt::format("{} {} {}",
                  !lower_case   ? "-"
                  : *lower_case ? "lower"
                                : "cased",
                  max_length(), session_->type_count()));
  if (sliding_window()) {
    add(fmt::format("{} {} {} {}", layout_.content, layout_.stride, metadata_.window_reserve,
                    metadata_.window_leading_space));
  }
  return hex_of(hash.finish());
}

int TextClassifier::choose_label(std::span<const float> logits,
                                 std::span<const float> window_logits) const {
  if (!window_logits.empty()) {
    return static_cast<int>(vote(window_logits, logits.size(), metadata_.tie_value));
  }
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

bool TextClassifier::multi_label() const {
  return function() == Function::k_sigmoid && session_->class_count() > 1;
}

std::vector<int> TextClassifier::choose_labels(std::span<const float> probabilities) const {
  std::vector<int> chosen;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const double threshold = metadata_.thresholds.empty() ? 0.5 : metadata_.thresholds[i];
    if (probabilities[i] >= threshold) chosen.push_back(static_cast<int>(i));
  }
  return chosen;
}

}  // namespace hasten::classifier
