// Tables of scores as Parquet.
#pragma once

#include <memory>
#include <string>

#include "data/output_file.h"
#include "data/score_writer.h"

namespace hasten::data {

// Columns: the id if there is one (int64 or string), the scores (float), the status (string). The
// same rows in write() calls of any size make the same bytes.
// `where` names the file in messages. Throws k_output.
std::unique_ptr<ScoreWriter> make_parquet_writer(std::unique_ptr<OutputFile> file,
                                                 const std::string& where,
                                                 const ScoreSchema& schema);

}  // namespace hasten::data
