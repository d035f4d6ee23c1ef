// A side of a comparison: a model at some precisions, or a table of scores.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <hasten/verify.h>

#include "data/text_reader.h"
#include "fidelity/scores.h"
#include "graph/graph.h"

namespace hasten::api {

// What a side's words mean: a path, perhaps with a precision behind its last @.
struct SideName {
  std::filesystem::path path;
  std::optional<Precision> precision;
  bool is_table = false;
  bool on_cpu = false;  // whatever device the options name
  std::string str() const;
};

// Throws k_not_found when there is no such file, k_usage for a precision of a table.
SideName parse_side(const std::string& text);

// A side's scores of all rows; those of a row without any are NaN.
struct SideScores {
  SideSummary summary;
  fidelity::Scores scores;
  std::vector<std::string> notes;  // on the device
};

// Opens the model, computes the texts (rows without one are skipped) and closes it. `progress`
// hears how many rows are done.
SideScores score_with_model(const graph::Graph& graph, const SideName& name,
                            const ModelOptions& options, std::span<const TextRow> rows,
                            const std::function<void(std::uint64_t)>& progress);

// The lengths of the texts in tokens, special ones included, by the model's tokenizer and uncut.
std::vector<std::uint32_t> count_tokens(const graph::Graph& graph, std::span<const TextRow> rows);

// Reads a table of scores and puts its rows in the order of `rows`. `labels` and `function` are
// those of the other side, empty where that is a table too.
SideScores score_with_table(const SideName& name, const data::ReaderOptions& reading,
                            const std::vector<std::string>& labels, Function function,
                            std::span<const TextRow> rows, std::vector<std::string>& notes);

}  // namespace hasten::api
