// Tables of scores made elsewhere, read whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "data/text_reader.h"
#include "data/text_row.h"

namespace hasten::data {

struct NumberColumn {
  std::string name;
  std::vector<double> values;  // NaN where a row has none
};

struct ScoreTable {
  std::size_t rows = 0;
  std::vector<NumberColumn> columns;   // all that hold numbers; not the ids
  std::string id_column, text_column;  // empty: there is none
  std::vector<RowId> ids;              // as many as rows, or none
  std::vector<std::string> texts;      // likewise
  std::vector<std::string>
      pairs;  // second texts ("text_pair"); as many as texts, empty where there is none
};

// The arrays of numbers that become columns, "logits" with three elements "logits[0]" to
// "logits[2]".
bool is_score_array(const std::string& name);

// Reads a table in any format but k_lines. Columns of ids and texts are those that the options
// name, or the usual ones; they may be absent. Throws k_not_found, k_usage (a format without
// columns), and k_bad_data: a damaged table, or a named column that is not there.
ScoreTable read_score_table(const std::filesystem::path& path, Format format,
                            const ReaderOptions& options);

}  // namespace hasten::data
