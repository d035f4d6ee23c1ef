// Rows of text from Parquet.
#pragma once

#include <filesystem>
#include <memory>

#include "data/text_reader.h"

namespace hasten::data {

// Reads only the columns that are wanted, a few pages at a time. Text columns may be of any string
// or binary type, id columns of those and of any integer type. Throws k_not_found, k_bad_data (no
// Parquet file, damaged, no such column or one of another type).
std::unique_ptr<RowReader> make_parquet_reader(const std::filesystem::path& path,
                                               const ReaderOptions& options);

}  // namespace hasten::data
