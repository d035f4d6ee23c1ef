// Writing tables of scores.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/output_file.h"
#include "data/text_reader.h"
#include "data/text_row.h"

namespace hasten::data {

// A column whose values come from the input. Only Parquet keeps other types than text and numbers.
struct CopiedColumn {
  std::string name;
  std::string type = "string";  // as Parquet's reader names it
};

// What a table of scores has: an id column (when the rows have ids), copied columns, score columns,
// a status column.
struct ScoreSchema {
  std::string id_column = "id";
  bool has_ids = false;
  bool integer_ids = false;  // all ids are int64; otherwise they are written as text
  std::string id_type;       // in Parquet, instead of int64 or string: "int32"
  std::vector<CopiedColumn> copied_columns = {};
  std::vector<std::string> score_columns;       // float32
  std::map<std::string, std::string> metadata;  // of the file's footer
};

// The name of the status column.
inline constexpr const char* k_status_column = "status";

// One row of output. Scores of a row that has none are written as nulls, and so is an id that is
// not there.
struct ScoreRow {
  RowId id;
  RowStatus status = RowStatus::k_ok;
  bool truncated = false;
  std::span<const float> scores;      // as many as score_columns, or none
  std::span<const Cell> copied = {};  // as many as copied_columns
  bool nonfinite = false;  // a score of the row is NaN or infinite, perhaps one that has no column
};

// What the status column says: "nonfinite", else the row's status, where that is ok "truncated" for a
// text that was longer than the model takes.
const char* status_text(const ScoreRow& row);

// A row must have all the scores of the schema, or none; anything else is a defect of the caller.
void check_score_count(const ScoreRow& row, const ScoreSchema& schema);

// The file appears under its name at close(), whole; without it, nothing is left behind. Used by
// one thread. Both functions throw k_output; after that nothing more can be written.
class ScoreWriter {
 public:
  virtual ~ScoreWriter() = default;
  virtual void write(std::span<const ScoreRow> rows) = 0;
  virtual void close() = 0;
};

// A table in any format but k_lines: Parquet, CSV and TSV with a header (missing values are empty
// fields), or JSON lines (an object a line). Only Parquet keeps the schema's metadata and the type
// of the ids' column; NaN and infinities are written NaN, Infinity and -Infinity (strings in JSON).
// Throws k_usage for k_lines, for a name that promises compression, and for two columns of one
// name.
std::unique_ptr<ScoreWriter> open_score_writer(const std::filesystem::path& path, Format format,
                                               const ScoreSchema& schema);
// The same into any file; `where` names it in messages.
std::unique_ptr<ScoreWriter> open_score_writer(std::unique_ptr<OutputFile> file,
                                               const std::string& where, Format format,
                                               const ScoreSchema& schema);

// Parquet, snappy-compressed, in row groups of k_row_group_rows, of which one is held in memory.
// Loads the Arrow plug-in (arrow_plugin.h) and throws what that throws; k_usage for two columns of
// one name.
inline constexpr std::size_t k_row_group_rows = 131'072;
std::unique_ptr<ScoreWriter> open_parquet_writer(const std::filesystem::path& path,
                                                 const ScoreSchema& schema);

}  // namespace hasten::data
