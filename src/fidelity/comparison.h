// Two sides' scores of the same texts -> how far they agree.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <hasten/verify.h>

#include "fidelity/scores.h"

namespace hasten::fidelity {

struct ComparisonOptions {
  std::vector<double> thresholds = {0.5};
  std::size_t resamples = 500;  // 0: no interval of rank correlations
  std::size_t moved_texts = 20;
};

struct MovedRow {
  std::size_t row = 0;
  std::size_t class_index = 0;
  double score_a = 0, score_b = 0;  // probabilities, else logits
};

struct Comparison {
  Estimate argmax_agreement;
  std::vector<ClassAgreement> classes;
  std::vector<MovedRow> moved;  // the largest change of a score first
};

// Both sides have the same rows and classes, all of them finite, at least one row.
Comparison compare(const Scores& a, const Scores& b, const ComparisonOptions& options);

// How the texts that A scores highest agree: within the top 100, 1,000, 10,000 and 10 %, as far as
// there are more texts than that, and within all.
std::vector<TopAgreement> compare_top(const std::vector<double>& margins_a,
                                      const std::vector<double>& margins_b, std::size_t resamples);

// The names of those, "100", "1000", "10000", "10%", "all".
struct Depth {
  std::string name;
  std::size_t count = 0;
};
std::vector<Depth> depths_of(std::size_t rows);

}  // namespace hasten::fidelity
