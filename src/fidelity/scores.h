// The scores of one side of a comparison, and what texts are ordered by.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <hasten/options.h>

namespace hasten::fidelity {

// Rows x classes, row-major. A side has logits, probabilities or both; a row without scores holds
// NaN.
struct Scores {
  std::vector<std::string> labels;  // in class order
  Function function = Function::k_softmax;
  std::size_t rows = 0;
  std::vector<double> logits;
  std::vector<double> probabilities;

  std::size_t classes() const { return labels.size(); }
  bool has_logits() const { return !logits.empty(); }
  bool has_probabilities() const { return !probabilities.empty(); }
};

// Fills `probabilities` from the logits by the function, where there are none yet.
void add_probabilities(Scores& scores);

// The margin of a class for each row: with logits its log-odds (softmax: the logit minus the
// log-sum-exp of the others; otherwise the logit), which no rounding to 0 or 1 ties; without, its
// probability.
std::vector<double> margins_of(const Scores& scores, std::size_t class_index);

// The column of a class in a rows x classes matrix.
std::vector<double> column_of(const std::vector<double>& matrix, std::size_t classes,
                              std::size_t class_index);

// The rows at `indexes`, in that order.
Scores take_rows(const Scores& scores, const std::vector<std::size_t>& indexes);

// The class with the highest logit, else probability; the first on a tie.
std::size_t best_class(const Scores& scores, std::size_t row);

// Whether all scores of a row are numbers.
bool is_scored(const Scores& scores, std::size_t row);

}  // namespace hasten::fidelity
