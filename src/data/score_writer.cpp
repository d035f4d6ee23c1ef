#include "data/score_writer.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "data/arrow_plugin.h"

namespace hasten::data {
namespace {

void check_names(const std::filesystem::path& path, const ScoreSchema& schema) {
  std::set<std::string> names = {k_status_column};
  if (schema.has_ids && !names.insert(schema.id_column).second) {
    fail(ErrorCode::k_usage, "the id column has the name of the status column", path, {},
         "Rename it in the input.");
  }
  for (const std::string& name : schema.score_columns) {
    if (names.insert(name).second) continue;
    fail(ErrorCode::k_usage, "two columns of the output would be named \"" + name + "\"", path);
  }
}

}  // namespace

const char* status_text(const ScoreRow& row) {
  if (!std::all_of(row.scores.begin(), row.scores.end(),
                   [](float x) { return std::isfinite(x); })) {
    return "nonfinite";
  }
  if (row.status == RowStatus::k_ok && row.truncated) return "truncated";
  return name_of(row.status);
}

std::unique_ptr<ScoreWriter> open_parquet_writer(const std::filesystem::path& path,
                                                 const ScoreSchema& schema) {
  check_names(path, schema);
  return arrow_plugin().open_parquet_writer(path, schema);
}

}  // namespace hasten::data
