// A table of scores as a side of a comparison: which columns are the classes, which rows the texts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/score_table.h"
#include "fidelity/scores.h"

namespace hasten::fidelity {

// Finds a column (or array element) of each class, whatever they are called: by label, with or
// without a prefix such as score_, prob_ or logit_; by position in the arrays "logits" and
// "probabilities"; one column of the second class of two under softmax; or, where nothing is named,
// as many columns as there are classes, in order, which a line added to `notes` then says. Values
// that are not named as logits are probabilities when all of them lie in [0, 1]. Without `labels`
// the classes are the table's own. Throws k_bad_data, listing the columns.
Scores scores_of_table(const data::ScoreTable& table, const std::vector<std::string>& labels,
                       Function function, const std::string& where,
                       std::vector<std::string>& notes);

// For each row of texts the row of the table that is about it: by id when both sides have ids, else
// by text, else by position when there are as many. Throws k_bad_data when nothing of these is
// possible or no row is found. A line about how it was done, and how many rows were not found, is
// added to `notes`.
std::vector<std::optional<std::size_t>> pair_rows(const data::ScoreTable& table,
                                                  std::span<const data::TextRow> rows,
                                                  const std::string& where,
                                                  std::vector<std::string>& notes);

}  // namespace hasten::fidelity
