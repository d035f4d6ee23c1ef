// Tables of scores as JSON lines.
#pragma once

#include <filesystem>
#include <memory>

#include "data/score_writer.h"

namespace hasten::data {

std::unique_ptr<ScoreWriter> make_json_lines_writer(const std::filesystem::path& path,
                                                    const ScoreSchema& schema);

}  // namespace hasten::data
