// Block: some consecutive rows of an input, and their scores.
#pragma once

#include <cstdint>
#include <vector>

#include "data/text_row.h"

namespace hasten::pipeline {

// Rows without a text have no scores: zeros stand for them, and label -1. A row whose scores by a model are not
// finite has them, and label -1 there.
struct BlockScores {
  std::vector<float> scores;                // rows x columns
  std::vector<std::int32_t> labels;         // rows x models: the class that the text goes to
  std::vector<std::uint32_t> token_counts;  // as the first model sees the text
  std::vector<std::uint8_t> flags;          // of each row

  static constexpr std::uint8_t k_scored = 1;
  static constexpr std::uint8_t k_truncated = 2;  // for one of the models
  static constexpr std::uint8_t k_nonfinite = 4;  // by one of the models: classifier::are_finite()

  std::size_t row_count() const { return flags.size(); }
  void resize(std::size_t rows, std::size_t columns, std::size_t models) {
    scores.resize(rows * columns);
    labels.resize(rows * models, -1);
    token_counts.resize(rows);
    flags.resize(rows);
  }
};

struct Block {
  std::size_t part = 0;         // the caller's: which of its inputs the rows are of
  std::uint64_t first_row = 0;  // before which there are as many rows of the part
  std::vector<data::TextRow> rows;
  BlockScores scores;
  bool is_scored = false;  // scores came with the rows and are passed on
};

}  // namespace hasten::pipeline
