// Tables of scores as CSV and TSV.
#pragma once

#include <memory>

#include "data/output_file.h"
#include "data/score_writer.h"

namespace hasten::data {

std::unique_ptr<ScoreWriter> make_delimited_writer(std::unique_ptr<OutputFile> file, char delimiter,
                                                   const ScoreSchema& schema);

}  // namespace hasten::data
