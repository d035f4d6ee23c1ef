// How far a job has come, from the files in its folder.
#pragma once

#include <string>
#include <vector>

#include "job/job_folder.h"

namespace hasten::job {

struct StatusReport {
  JobRecord job;
  bool complete = false;
  RowCounts counts;  // of all parts that are recorded
  std::uint64_t parts = 0;
  std::uint64_t bytes = 0;             // of their inputs
  std::uint64_t rows_waiting = 0;      // in checkpoints of other parts
  std::vector<std::string> remaining;  // inputs without a record
  std::vector<std::string> damaged;    // parts that are gone or not as recorded
};

// Compares sizes, and with `verify` hashes. Throws k_not_found when the folder holds no job.
StatusReport read_status(JobFolder& folder, bool verify);

}  // namespace hasten::job
