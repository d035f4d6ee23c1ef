// A table of scores from Parquet.
#pragma once

#include <filesystem>

#include "data/score_table.h"

namespace hasten::data {

// Columns of any integer or floating type are numbers, and so are the elements of lists named as
// score arrays. Other columns are left out. Throws k_not_found, k_bad_data.
ScoreTable read_parquet_scores(const std::filesystem::path& path, const ReaderOptions& options);

}  // namespace hasten::data
