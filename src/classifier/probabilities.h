// Logits -> probabilities.
#pragma once

#include <span>

#include <hasten/options.h>

namespace hasten::classifier {

// Applies the function to one row of logits; `probabilities` is as long. Computed in double precision
// and rounded once. NaN logits give NaN.
void apply_function(Function function, std::span<const float> logits,
                    std::span<float> probabilities);

}  // namespace hasten::classifier
