// Texts in, scores out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <hasten/options.h>
#include <hasten/texts.h>

namespace hasten {

// The scores of one row. A row without a text has empty `logits` and `probabilities` and label_index -1.
struct Classification {
  int label_index = -1;  // the highest logit, the first on a tie; of several windows, their vote
  std::vector<float> logits;         // in class order; of several windows, the mean of theirs
  std::vector<float> probabilities;  // the function applied to the logits
  // Of a multi-label model only: the classes whose probability reaches their threshold, maybe none.
  std::optional<std::vector<int>> label_indexes;
  // Of a text that sliding windows cut into several: each window's logits, in order.
  std::vector<std::vector<float>> window_logits;
  std::int64_t token_count = 0;  // as computed: special tokens included, over all windows
  bool truncated = false;        // the text was longer than max_length, and has no windows
};

// Whether no logit and no probability is NaN or infinite, as where there are none. Otherwise the label
// means nothing.
bool has_finite_scores(const Classification& result);

// A model, its tokenizer and its labels. Immutable: threads may share it.
class Classifier {
 public:
  // An ONNX file made by `convert` (or its optimised form), or a checkpoint folder, which is converted
  // in memory. Throws what convert() and the readers throw, and k_usage for options that the
  // model cannot take (a max_length beyond its positions).
  static std::unique_ptr<const Classifier> open(const std::filesystem::path& model,
                                                const ModelOptions& options);
  virtual ~Classifier() = default;

  virtual const std::vector<std::string>& labels() const = 0;
  virtual Function function() const = 0;
  // Any number of classes may apply to a text (sigmoid over several classes).
  virtual bool multi_label() const = 0;
  virtual std::int64_t max_length() const = 0;
  // "cpu, AVX-512, fp32, 2 threads"
  virtual std::string description() const = 0;
  // What the user should be told once: a graph that runs on the generic engine, and why.
  virtual std::vector<std::string> warnings() const = 0;

  // One result for each row, in order. Texts are batched by length; a text's scores do not depend on
  // the others, on their order, or on the number of threads.
  virtual std::vector<Classification> classify(std::span<const TextRow> rows) const = 0;

  // Streams in constant memory: calls `sink` with consecutive rows and their results, in input order.
  // Rows that have arrived are not held back for those that have not.
  using Sink = std::function<void(std::span<const TextRow>, std::span<const Classification>)>;
  virtual void classify(TextReader& reader, const Sink& sink) const = 0;
};

}  // namespace hasten
