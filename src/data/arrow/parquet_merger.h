// Several Parquet files made into one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "data/output_file.h"

namespace hasten::data {

// See ArrowPlugin::merge_parquet. Row groups are filled up to k_row_group_rows across files; of the
// files' metadata, what all share is kept.
std::uint64_t merge_parquet_files(std::span<const std::string> paths,
                                  std::unique_ptr<OutputFile> file, const std::string& where);

}  // namespace hasten::data
