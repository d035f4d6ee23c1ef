// What the targets of text tables check: the rows do not depend on the size of the blocks that are
// read, and their texts are well-formed UTF-8.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "data/memory_source.h"
#include "data/text_reader.h"
#include "data/utf8.h"
#include "fuzz_target.h"

namespace hasten::fuzz {

using RowParts = std::tuple<std::string, std::optional<std::string>, RowId, RowStatus, std::string>;

// The rows and, where the reader gives up on the table as a whole, its message.
inline std::vector<RowParts> read_rows(std::string_view text, data::Format format,
                                       std::size_t block_bytes, bool quoting) {
  data::ReaderOptions options;
  options.quoting = quoting;
  options.usual_id_column = true;
  options.block_bytes = block_bytes;
  options.max_row_bytes = 1000;
  std::vector<TextRow> rows;
  std::vector<RowParts> parts;
  try {
    auto source = std::make_unique<data::MemorySource>(std::string(text));
    const auto reader = data::open_reader(std::move(source), "fuzz", format, options);
    while (reader->read(rows, 10)) {
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::k_bad_data) throw;
    parts.emplace_back(error.what(), std::nullopt, RowId(), RowStatus::k_malformed, "");
  }
  for (const TextRow& row : rows) {
    if (!data::is_valid_utf8(row.text) || !data::is_valid_utf8(row.text_pair.value_or("")))
      std::abort();
    if ((row.status == RowStatus::k_ok) != row.problem.empty()) std::abort();
    parts.emplace_back(row.text, row.text_pair, row.id, row.status, row.problem);
  }
  return parts;
}

inline int check_rows(std::string_view text, data::Format format, bool quoting = true) {
  return check([&] {
    const auto whole = read_rows(text, format, text.size() + 1, quoting);
    for (const std::size_t block_bytes : {std::size_t{1}, std::size_t{17}}) {
      // How much is unpacked before damage is met does depend on the blocks.
      const bool same = read_rows(text, format, block_bytes, quoting) == whole;
      if (!same && !text.starts_with("\x1F\x8B") && !text.starts_with("\x28\xB5")) std::abort();
    }
  });
}

}  // namespace hasten::fuzz
