#include "job/json_fields.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hasten::job {

std::uint64_t count_of(const Json& json, const std::string& what) {
  const std::int64_t value = json.as_integer(what);
  if (value < 0) fail(ErrorCode::k_malformed, what + " is negative");
  return static_cast<std::uint64_t>(value);
}

std::map<std::string, std::uint64_t> counts_of(const Json& json, const std::string& what) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [name, value] : json.as_object(what)) {
    counts[name] = count_of(value, fmt::format("{} of {}", what, name));
  }
  return counts;
}

}  // namespace hasten::job
