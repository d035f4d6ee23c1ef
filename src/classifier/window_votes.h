// From the logits of a text's windows to one label and one row of logits.
#pragma once

#include <cstdint>
#include <span>

namespace hasten::classifier {

// The class that most windows' highest logits name (the first of equal ones). Where the two classes
// with the most votes have as many, it is `tie_value`, even if that has none: simpletransformers'
// predict(). `logits` holds whole rows of `class_count`.
std::int64_t vote(std::span<const float> logits, std::size_t class_count, std::int64_t tie_value);

// The mean over the windows of each class's logit: what simpletransformers' predict() gives for a
// regression. Summed in double precision, in the windows' order, and rounded once.
void mean_of_windows(std::span<const float> logits, std::span<float> mean);

}  // namespace hasten::classifier
