// How tables of scores are laid out in Parquet.
#pragma once

#include <parquet/properties.h>

#include <memory>
#include <string>

#include "data/score_writer.h"

namespace hasten::data {

// A dictionary pays only for the few values of the status.
inline std::shared_ptr<parquet::WriterProperties> writer_properties() {
  return parquet::WriterProperties::Builder()
      .compression(parquet::Compression::SNAPPY)
      ->disable_dictionary()
      ->enable_dictionary(std::string(k_status_column))
      ->max_row_group_length(static_cast<std::int64_t>(k_row_group_rows))
      ->build();
}

}  // namespace hasten::data
