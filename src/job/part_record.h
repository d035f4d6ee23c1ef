// PartRecord: that one part of the output is whole, and what it was made of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "data/file_store.h"

namespace hasten::job {

struct RowCounts {
  std::uint64_t rows = 0;
  std::uint64_t tokens = 0;  // as the first model sees the texts
  std::map<std::string, std::uint64_t> by_status;
  std::map<std::string, std::map<std::string, std::uint64_t>> by_label;  // of each model
  bool operator==(const RowCounts&) const = default;

  void add(const RowCounts& other);
};

struct PartRecord {
  std::string settings;  // hash of the job's
  std::string input;
  data::FileDigest input_digest;
  std::string part;
  data::FileDigest part_digest;
  std::string text_column;
  std::string id_column;
  RowCounts counts;
};

// JSON with the same bytes for the same record. Parsing throws k_malformed; `where` names the file.
std::string to_json(const PartRecord& record);
PartRecord parse_part_record(std::string_view text, const std::string& where);

}  // namespace hasten::job
