// PartState: what the reading and the writing side of a run know of one part.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "data/input_files.h"
#include "job/part_record.h"

namespace hasten::job {

// Filled by the source before it hands out the part's first block, read by the sink after that;
// only `error` comes with the last block.
struct PartState {
  const data::InputFile* input = nullptr;
  std::string name;     // of the part
  std::string binding;  // of its checkpoints
  data::FileDigest input_digest;
  std::string text_column;
  std::string id_column;
  bool has_integer_ids = false;
  std::string id_type;
  std::vector<std::string> kept_types;
  std::optional<std::uint64_t> row_count;  // of the input, where it says so
  std::optional<PartRecord> done;          // in an earlier run
  std::exception_ptr error;                // the input could not be read to its end
};

}  // namespace hasten::job
