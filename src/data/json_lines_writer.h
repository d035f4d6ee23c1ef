// Tables of scores as JSON lines.
#pragma once

#include <memory>

#include "data/output_file.h"
#include "data/score_writer.h"

namespace hasten::data {

std::unique_ptr<ScoreWriter> make_json_lines_writer(std::unique_ptr<OutputFile> file,
                                                    const ScoreSchema& schema);

}  // namespace hasten::data
