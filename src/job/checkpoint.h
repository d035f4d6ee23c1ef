// Checkpoints: scores of a part that is not whole yet, in side files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/block.h"

namespace hasten::job {

// Scores of consecutive rows.
struct Checkpoint {
  std::string binding;  // of the settings and the input, 64 digits: the same for all of a part
  std::uint64_t first_row = 0;
  pipeline::BlockScores scores;

  std::uint64_t end_row() const { return first_row + scores.row_count(); }
};

// The file: a magic word, the fields, and a SHA-256 over all before it. Little-endian.
std::string encode(const Checkpoint& checkpoint);
// Nothing when the bytes are not those of a whole checkpoint.
std::optional<Checkpoint> decode_checkpoint(std::string_view sealed);

// "000000016384-000000032768": rows from the first up to, and not with, the second.
std::string checkpoint_name(std::uint64_t first_row, std::uint64_t end_row);
struct RowRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
std::optional<RowRange> parse_checkpoint_name(std::string_view name);

}  // namespace hasten::job
