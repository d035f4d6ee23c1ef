// Logits -> probabilities, and whether both mean anything.
#pragma once

#include <span>

#include <hasten/options.h>

namespace hasten::classifier {

// Applies the function to one row of logits; `probabilities` is as long. Computed in double precision
// and rounded once. NaN logits give NaN.
void apply_function(Function function, std::span<const float> logits,
                    std::span<float> probabilities);

// Whether no logit and no probability of a row is NaN or infinite, as where there are none. A row for which
// one is has the status "nonfinite" and no label, in every output.
bool are_finite(std::span<const float> logits, std::span<const float> probabilities);

}  // namespace hasten::classifier
