// TextClassifier: a model with its meaning: tokenizer, labels, function to apply, length limit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "graph/graph.h"
#include "graph/model_metadata.h"
#include "tokenizer/tokenizer.h"

namespace hasten::classifier {

struct ClassifierOptions {
  engine::SessionOptions session;
  std::optional<Function> function;  // instead of the model's own
  std::optional<std::int64_t> max_length;        // instead of the model's own
};

// Immutable and shared by threads; each thread brings its own tokenizer scratch and engine stream.
class TextClassifier {
 public:
  // Throws k_unsupported for a graph without Hasten's metadata (there is no tokenizer or label in it)
  // and k_usage for a max_length that the model's positions do not allow or that leaves no room for a
  // text.
  static std::unique_ptr<const TextClassifier> open(const graph::Graph& graph,
                                                    const ClassifierOptions& options);

  const std::vector<std::string>& labels() const { return metadata_.labels; }
  Function function() const { return metadata_.function; }
  std::int64_t max_length() const { return metadata_.max_length; }
  bool sliding_window() const { return metadata_.sliding_window; }
  const tokenizer::Tokenizer& tokenizer() const { return *tokenizer_; }
  const engine::Session& session() const { return *session_; }

  // Token ids of a text or pair, cut to max_length.
  void encode(std::string_view text, std::optional<std::string_view> pair,
              tokenizer::Scratch& scratch, tokenizer::Encoding& out) const;

 private:
  TextClassifier() = default;
  void check_max_length() const;
  void check_vocabulary() const;

  graph::ModelMetadata metadata_;
  std::unique_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::unique_ptr<const engine::Session> session_;
};

// Hasten's metadata in a graph; throws k_unsupported naming the remedy when there is none.
graph::ModelMetadata require_metadata(const graph::Graph& graph);

// The tokenizer that a model carries.
std::unique_ptr<const tokenizer::Tokenizer> load_tokenizer(const graph::ModelMetadata& metadata);

}  // namespace hasten::classifier
