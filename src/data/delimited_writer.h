// Tables of scores as CSV and TSV.
#pragma once

#include <filesystem>
#include <memory>

#include "data/score_writer.h"

namespace hasten::data {

std::unique_ptr<ScoreWriter> make_delimited_writer(const std::filesystem::path& path,
                                                   char delimiter, const ScoreSchema& schema);

}  // namespace hasten::data
