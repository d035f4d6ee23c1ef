// TextClassifier: a model with its meaning: tokenizer, labels, function to apply, length limit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "classifier/windows.h"
#include "engine/session.h"
#include "graph/graph.h"
#include "graph/model_metadata.h"
#include "tokenizer/tokenizer.h"

namespace hasten::classifier {

struct ClassifierOptions {
  engine::SessionOptions session;
  std::optional<Function> function;        // instead of the model's own
  std::optional<std::int64_t> max_length;  // instead of the model's own
};

// What one thread needs to encode; made by TextClassifier::make_scratch().
struct EncodeScratch {
  std::unique_ptr<tokenizer::Scratch> tokenizer;
  tokenizer::Encoding encoding;
  std::string spaced;
};

// Immutable and shared by threads; each thread brings its own scratch and engine stream.
class TextClassifier {
 public:
  // Throws k_unsupported for a graph without Hasten's metadata (there is no tokenizer or label in
  // it) and k_usage for a max_length that the model's positions do not allow or that leaves no room
  // for a text.
  static std::unique_ptr<const TextClassifier> open(const graph::Graph& graph,
                                                    const ClassifierOptions& options);

  const std::vector<std::string>& labels() const { return metadata_.labels; }
  Function function() const { return metadata_.function; }
  std::int64_t max_length() const { return metadata_.max_length; }
  bool sliding_window() const { return metadata_.sliding_window; }
  const tokenizer::Tokenizer& tokenizer() const { return *tokenizer_; }
  const engine::Session& session() const { return *session_; }

  EncodeScratch make_scratch() const { return {tokenizer_->make_scratch(), {}, {}}; }

  // The token sequences of a text or pair: one, cut to max_length, or, of a model with sliding
  // windows, as many as there are windows. Throws k_usage for a pair where there are sliding
  // windows.
  void encode(std::string_view text, std::optional<std::string_view> pair, EncodeScratch& scratch,
              Sequences& out) const;

  // SHA-256 in hex of all that encode() depends on: classifiers with the same one give the same
  // token ids for every text.
  std::string encoding_hash() const;

  // The class that a text goes to, from its logits and, where it has several windows, theirs (else
  // empty): the windows' vote, or the highest logit, the first on a tie.
  int choose_label(std::span<const float> logits, std::span<const float> window_logits) const;

  // Several classes of which any number may apply: sigmoid over more than one.
  bool multi_label() const;
  // The classes whose probability reaches their threshold (0.5 where the model names none), of a
  // multi-label model.
  std::vector<int> choose_labels(std::span<const float> probabilities) const;

 private:
  TextClassifier() = default;
  void bound_max_length();
  void check_max_length() const;
  void check_vocabulary() const;
  void prepare_windows();

  graph::ModelMetadata metadata_;
  std::unique_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::unique_ptr<const engine::Session> session_;
  TextFrame frame_;      // with sliding windows
  WindowLayout layout_;  // with sliding windows
};

// Hasten's metadata in a graph; throws k_unsupported naming the remedy when there is none.
graph::ModelMetadata require_metadata(const graph::Graph& graph);

// The tokenizer that a model carries.
std::unique_ptr<const tokenizer::Tokenizer> load_tokenizer(const graph::ModelMetadata& metadata);

}  // namespace hasten::classifier
