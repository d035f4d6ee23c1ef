// What a checkpoint's classes mean and how its logits become scores.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace hasten::checkpoint {

enum class Function { k_softmax, k_sigmoid, k_none };

// One choice and the setting that it was read from ("model_args.json: max_seq_length").
template <typename T>
struct Sourced {
  T value;
  std::string source;
};

struct Semantics {
  std::vector<std::string> labels;  // one for each row of the classifier head, in order
  std::string labels_source;        // "model_args.json: labels_list"
  Sourced<Function> function;
  Sourced<std::int64_t> max_length;  // tokens, special ones included
  bool sliding_window = false;
  double stride = 0.8;  // below 1: share of max_length, rounded down; else a number of tokens
  std::int64_t tie_value = 1;  // the class that a tied vote of windows goes to
  // Tokens of a window that are not the text's, and whether a space goes before a text: both by the
  // name that simpletransformers has for the kind of model.
  std::int64_t window_reserve = 2;
  bool window_leading_space = false;
  std::vector<double> thresholds;  // of a multi-label model, one for each class; else empty
};

// A `position_limit` of a model whose positions have no end.
inline constexpr std::int64_t k_no_position_limit = INT64_MAX;

// `class_count` is the classifier head's number of rows; `position_limit` how many tokens the
// model's positions allow. The rules, the first that applies:
//
// labels: those of simpletransformers (labels_map, then labels_list), unless they are mere numbers
//   and id2label of config.json has names; then id2label; then numbers of labels_list as text; then
//   LABEL_0, LABEL_1, ... as Hugging Face. A list of numbers that does not fit the head is passed
//   over: simpletransformers writes [0, 1] for want of anything better.
// function: `chosen`, whatever the settings say; model_args.json (regression: none; MultiLabelClassificationModel, or without a
//   model_class an architecture ...ForMultiLabelSequenceClassification: sigmoid;
//   ClassificationModel with two classes or more: softmax), since simpletransformers leaves
//   config.json without it; a cross-encoder's activation in config.json
//   (sentence_transformers.activation_fn, or the older sbert_ce_default_activation_function), or
//   without a named one its default, sigmoid for one class and none for more; then the order of
//   Hugging Face's pipeline: problem_type regression: none; multi_label_classification or one
//   class: sigmoid; else softmax.
// max_length: max_seq_length of model_args.json; model_max_length of tokenizer_config.json, unless
//   it is the 10^30 that means "none"; the positions, or 512 where these have no end. Never more
//   than `position_limit`. A text that is longer is cut there, as simpletransformers does; Hugging
//   Face's pipeline, which does not cut, fails on texts beyond the positions.
//
// Throws k_malformed for settings that contradict the head or each other, k_unsupported for a
// problem_type or an activation that is not known.
Semantics read_semantics(const Checkpoint& checkpoint, std::int64_t class_count,
                         std::int64_t position_limit,
                         std::optional<Function> chosen = std::nullopt);

}  // namespace hasten::checkpoint
