#include "classifier/probabilities.h"

#include <algorithm>
#include <cmath>

namespace hasten::classifier {
namespace {

void softmax(std::span<const float> logits, std::span<float> probabilities) {
  const double highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - highest);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    probabilities[i] = static_cast<float>(std::exp(logits[i] - highest) / sum);
  }
}

float sigmoid(float logit) {
  return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(logit))));
}

}  // namespace

void apply_function(Function function, std::span<const float> logits,
                    std::span<float> probabilities) {
  switch (function) {
    case Function::k_softmax:
      return softmax(logits, probabilities);
    case Function::k_sigmoid:
      std::transform(logits.begin(), logits.end(), probabilities.begin(), sigmoid);
      return;
    case Function::k_none:
      std::copy(logits.begin(), logits.end(), probabilities.begin());
      return;
  }
}

bool are_finite(std::span<const float> logits, std::span<const float> probabilities) {
  const auto all_finite = [](std::span<const float> values) {
    return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
  };
  return all_finite(logits) && all_finite(probabilities);
}

}  // namespace hasten::classifier
