#include "data/score_writer.h"

#include <set>

#include "base/error.h"
#include "data/arrow_plugin.h"
#include "data/delimited_writer.h"
#include "data/json_lines_writer.h"

namespace hasten::data {
namespace {

void check_names(const std::filesystem::path& path, const ScoreSchema& schema) {
  std::set<std::string> names = {k_status_column};
  if (schema.has_ids && !names.insert(schema.id_column).second) {
    fail(ErrorCode::k_usage, "the id column has the name of the status column", path, {},
         "Rename it in the input.");
  }
  for (const CopiedColumn& column : schema.copied_columns) {
    if (names.insert(column.name).second) continue;
    fail(ErrorCode::k_usage, "the column \"" + column.name + "\" would be there twice", path, {},
         "Leave it out of the columns that are kept.");
  }
  for (const std::string& name : schema.score_columns) {
    if (names.insert(name).second) continue;
    fail(ErrorCode::k_usage, "two columns of the output would be named \"" + name + "\"", path);
  }
}

void check_format(const std::filesystem::path& path, Format format) {
  if (path.extension() == ".gz" || path.extension() == ".zst") {
    fail(ErrorCode::k_usage, "scores are not written compressed", path, {},
         "Name it .parquet, which is compressed in itself, or leave the last extension out.");
  }
  if (format == Format::k_lines) {
    fail(ErrorCode::k_usage, "scores cannot be written as plain lines", path, {},
         "The formats of outputs are parquet, csv, tsv and jsonl.");
  }
}

}  // namespace

const char* status_text(const ScoreRow& row) {
  if (row.nonfinite) return "nonfinite";
  if (row.status == RowStatus::k_ok && row.truncated) return "truncated";
  return name_of(row.status);
}

void check_score_count(const ScoreRow& row, const ScoreSchema& schema) {
  if (row.copied.size() != schema.copied_columns.size()) {
    fail(ErrorCode::k_internal, "a row has another number of copied values than the table");
  }
  if (row.scores.empty() || row.scores.size() == schema.score_columns.size()) return;
  fail(ErrorCode::k_internal, "a row has another number of scores than the table");
}

std::unique_ptr<ScoreWriter> open_parquet_writer(const std::filesystem::path& path,
                                                 const ScoreSchema& schema) {
  return open_score_writer(path, Format::k_parquet, schema);
}

std::unique_ptr<ScoreWriter> open_score_writer(const std::filesystem::path& path, Format format,
                                               const ScoreSchema& schema) {
  check_names(path, schema);
  check_format(path, format);
  return open_score_writer(create_file(path), path, format, schema);
}

std::unique_ptr<ScoreWriter> open_score_writer(std::unique_ptr<OutputFile> file,
                                               const std::string& where, Format format,
                                               const ScoreSchema& schema) {
  check_names(where, schema);
  check_format(where, format);
  switch (format) {
    case Format::k_csv:
      return make_delimited_writer(std::move(file), ',', schema);
    case Format::k_tsv:
      return make_delimited_writer(std::move(file), '\t', schema);
    case Format::k_json_lines:
      return make_json_lines_writer(std::move(file), schema);
    default:
      return arrow_plugin().open_parquet_writer(std::move(file), where, schema);
  }
}

}  // namespace hasten::data
