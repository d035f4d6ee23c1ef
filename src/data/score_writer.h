// Writing tables of scores.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/text_row.h"

namespace hasten::data {

// What a table of scores has: an id column (when the rows have ids), score columns, a status
// column.
struct ScoreSchema {
  std::string id_column = "id";
  bool has_ids = false;
  bool integer_ids = false;                // all ids are int64; otherwise they are written as text
  std::vector<std::string> score_columns;  // float32
  std::map<std::string, std::string> metadata;  // of the file's footer
};

// One row of output. Scores of a row that has none are written as nulls.
struct ScoreRow {
  RowId id;
  RowStatus status = RowStatus::k_ok;
  bool truncated = false;
  std::span<const float> scores;  // as many as score_columns, or none
};

// The file appears under its name at close(), whole; without it, nothing is left behind.
class ScoreWriter {
 public:
  virtual ~ScoreWriter() = default;
  virtual void write(std::span<const ScoreRow> rows) = 0;
  virtual void close() = 0;
};

// Parquet, snappy-compressed. Loads the Arrow plug-in (libhasten_arrow.so, beside the program).
std::unique_ptr<ScoreWriter> open_parquet_writer(const std::filesystem::path& path,
                                                 const ScoreSchema& schema);

}  // namespace hasten::data
