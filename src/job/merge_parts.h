// The parts of a job made into one file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "job/job_folder.h"

namespace hasten::job {

// Writes the rows of all parts, in the order of the job's inputs, and returns how many. Throws
// k_incomplete naming a part that is missing, k_output one that was changed, k_usage for an output
// of another format or that is one of the parts.
std::uint64_t merge_parts(JobFolder& folder, const std::filesystem::path& output);

}  // namespace hasten::job
