#include "api/slurm.h"

#include <fmt/format.h>
#include <hasten/label.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "api/open_classifier.h"
#include "base/error.h"

namespace hasten {
namespace api {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

}  // namespace api

namespace {

// The number in an environment variable; nothing when it is not set.
std::optional<std::uint64_t> environment_number(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  const auto value = api::parse_number(text);
  if (!value) {
    fail(ErrorCode::k_usage, fmt::format("{} is \"{}\", which is no number", name, text), {}, {},
         "Say the shard with --shard I/N.");
  }
  return value;
}

}  // namespace

std::optional<Shard> slurm_shard() {
  const auto id = environment_number("SLURM_ARRAY_TASK_ID");
  if (!id) return std::nullopt;
  const auto least = environment_number("SLURM_ARRAY_TASK_MIN");
  const auto most = environment_number("SLURM_ARRAY_TASK_MAX");
  const std::uint64_t step = environment_number("SLURM_ARRAY_TASK_STEP").value_or(1);
  const bool is_regular =
      least && most && step > 0 && *least <= *id && *id <= *most && (*id - *least) % step == 0;
  const std::uint64_t count = is_regular ? (*most - *least) / step + 1 : 0;
  const auto told = environment_number("SLURM_ARRAY_TASK_COUNT");
  if (!is_regular || (told && *told != count)) {
    fail(ErrorCode::k_usage, "the ids of this Slurm array are no regular sequence", {},
         "it was given as a list, such as --array=1,5,9",
         "Say the shard, such as --shard $SLURM_ARRAY_TASK_ID/64.");
  }
  return Shard{(*id - *least) / step, count};
}

int api::job_threads(const ModelOptions& options) {
  const int threads = thread_count(options);
  if (options.threads != 0) return threads;
  const auto given = environment_number("SLURM_CPUS_PER_TASK");
  if (!given || *given == 0) return threads;
  return static_cast<int>(std::min<std::uint64_t>(*given, static_cast<std::uint64_t>(threads)));
}

}  // namespace hasten
