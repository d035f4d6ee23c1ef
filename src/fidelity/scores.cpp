#include "fidelity/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace hasten::fidelity {
namespace {

std::span<const double> row_of(const std::vector<double>& matrix, std::size_t classes,
                               std::size_t row) {
  return std::span(matrix).subspan(row * classes, classes);
}

// log(sum of exp) of all but one element; -infinity when that is the only one.
double log_sum_exp_without(std::span<const double> logits, std::size_t left_out) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (i != left_out) largest = std::max(largest, logits[i]);
  }
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (i != left_out) sum += std::exp(logits[i] - largest);
  }
  return largest + std::log(sum);
}

void softmax(std::span<const double> logits, double* probabilities) {
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    probabilities[i] = std::exp(logits[i] - largest);
    sum += probabilities[i];
  }
  for (std::size_t i = 0; i < logits.size(); ++i) probabilities[i] /= sum;
}

std::vector<double> take(const std::vector<double>& matrix, std::size_t classes,
                         const std::vector<std::size_t>& indexes) {
  std::vector<double> taken;
  if (matrix.empty()) return taken;
  taken.reserve(indexes.size() * classes);
  for (const std::size_t index : indexes) {
    const auto row = row_of(matrix, classes, index);
    taken.insert(taken.end(), row.begin(), row.end());
  }
  return taken;
}

}  // namespace

void add_probabilities(Scores& scores) {
  if (scores.has_probabilities() || !scores.has_logits()) return;
  scores.probabilities = scores.logits;
  if (scores.function == Function::k_sigmoid) {
    for (double& value : scores.probabilities) value = 1 / (1 + std::exp(-value));
  } else if (scores.function == Function::k_softmax) {
    for (std::size_t row = 0; row < scores.rows; ++row) {
      softmax(row_of(scores.logits, scores.classes(), row),
              scores.probabilities.data() + row * scores.classes());
    }
  }
}

std::vector<double> column_of(const std::vector<double>& matrix, std::size_t classes,
                              std::size_t class_index) {
  std::vector<double> column(matrix.size() / classes);
  for (std::size_t row = 0; row < column.size(); ++row)
    column[row] = matrix[row * classes + class_index];
  return column;
}

std::vector<double> margins_of(const Scores& scores, std::size_t class_index) {
  if (!scores.has_logits()) return column_of(scores.probabilities, scores.classes(), class_index);
  std::vector<double> margins = column_of(scores.logits, scores.classes(), class_index);
  if (scores.function != Function::k_softmax || scores.classes() < 2) return margins;
  for (std::size_t row = 0; row < scores.rows; ++row) {
    margins[row] -= log_sum_exp_without(row_of(scores.logits, scores.classes(), row), class_index);
  }
  return margins;
}

Scores take_rows(const Scores& scores, const std::vector<std::size_t>& indexes) {
  Scores taken;
  taken.labels = scores.labels;
  taken.function = scores.function;
  taken.rows = indexes.size();
  taken.logits = take(scores.logits, scores.classes(), indexes);
  taken.probabilities = take(scores.probabilities, scores.classes(), indexes);
  return taken;
}

std::size_t best_class(const Scores& scores, std::size_t row) {
  const auto values =
      row_of(scores.has_logits() ? scores.logits : scores.probabilities, scores.classes(), row);
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

bool is_scored(const Scores& scores, std::size_t row) {
  const auto finite = [&](const std::vector<double>& matrix) {
    if (matrix.empty()) return true;
    const auto values = row_of(matrix, scores.classes(), row);
    return std::all_of(values.begin(), values.end(),
                       [](double value) { return std::isfinite(value); });
  };
  return finite(scores.logits) && finite(scores.probabilities);
}

}  // namespace hasten::fidelity
