// How far a bulk job has come (label.h), and its parts made into one file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hasten {

struct JobStatus {
  bool complete = false;  // _SUCCESS is there: every part was verified when it was written
  std::uint64_t parts = 0;
  std::uint64_t parts_total = 0;
  std::uint64_t bytes = 0;  // of the inputs that are done
  std::uint64_t bytes_total = 0;
  std::uint64_t rows = 0;          // in parts
  std::uint64_t rows_waiting = 0;  // in checkpoints of parts that are not whole
  std::map<std::string, std::uint64_t> rows_by_status;
  std::map<std::string, std::map<std::string, std::uint64_t>> rows_by_label;  // of each model
  std::vector<std::string> remaining;  // inputs whose part is not there
  std::vector<std::string> damaged;  // parts that differ from their record (with `verify`: by hash)
  std::vector<std::pair<std::string, std::string>> settings;  // "precision of score" -> "int8", ...
};

// Reads the records of the job in `folder`; with `verify`, also every part. May be called while
// tasks run. Throws k_not_found when there is no job, k_malformed for a damaged record.
JobStatus read_status(const std::filesystem::path& folder, bool verify = false);

struct MergeReport {
  std::uint64_t parts = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  // of the output
  double seconds = 0;
};

// Writes all parts, in the order of their inputs, into one file of their format, which appears
// whole, at the end. The same parts make the same bytes. Throws k_incomplete when a part is
// missing, k_output when one was changed, k_bad_data when their columns differ, and what
// read_status() throws.
MergeReport merge(const std::filesystem::path& folder, const std::filesystem::path& output);

}  // namespace hasten
