// JobRecord: what a job is, so that every task and every resumption does the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hasten::job {

struct JobInput {
  std::string name;  // below the folder that was given
  std::uint64_t bytes = 0;
  std::string part;  // of the output: "2020/part-0.parquet"
  bool operator==(const JobInput&) const = default;
};

struct JobRecord {
  // All that scores and files depend on, in words for people: "precision" -> "int8".
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<JobInput> inputs;
};

// JSON with the same bytes for the same record. Parsing throws k_malformed; `where` names the file.
std::string to_json(const JobRecord& record);
JobRecord parse_job_record(std::string_view text, const std::string& where);

// Hash of the settings, in hex.
std::string settings_hash(const JobRecord& record);

// Throws k_usage naming the first settings, or k_bad_data naming the first inputs, that differ
// between the job that is recorded `where` and the one at hand.
void check_same_job(const JobRecord& recorded, const JobRecord& current, const std::string& where);

}  // namespace hasten::job
