// What a checkpoint's classes mean and how its logits become scores.
#pragma once

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
  Sourced<Function> function;
  Sourced<std::int64_t> max_length;  // tokens, special ones included
  bool sliding_window = false;
  double stride = 0.8;
  std::int64_t tie_value = 1;
  std::vector<double> thresholds;
};

// `class_count` is the classifier head's number of rows; `position_limit` how many tokens the model's
// positions allow. Rules: users.md section 3 (model_args.json before config.json).
Semantics read_semantics(const Checkpoint& checkpoint, std::int64_t class_count,
                         std::int64_t position_limit);

}  // namespace hasten::checkpoint
