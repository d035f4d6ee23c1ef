// What Slurm says about this task in its environment.
#pragma once

#include <hasten/options.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace hasten::api {

// A whole number that fits, or nothing.
std::optional<std::uint64_t> parse_number(std::string_view text);

// As thread_count(); where the options leave it open, also no more than SLURM_CPUS_PER_TASK.
int job_threads(const ModelOptions& options);

}  // namespace hasten::api
