// Tables of scores as Parquet.
#pragma once

#include <filesystem>
#include <memory>

#include "data/score_writer.h"

namespace hasten::data {

// Columns: the id if there is one (int64 or string), the scores (float), the status (string). The
// same rows in write() calls of any size make the same bytes. Throws k_output.
std::unique_ptr<ScoreWriter> make_parquet_writer(const std::filesystem::path& path,
                                                 const ScoreSchema& schema);

}  // namespace hasten::data
