#include "label_counts.h"

#include <fmt/format.h>

#include "terminal.h"

namespace hasten::cli {

std::string join_counts(const std::map<std::string, std::uint64_t>& counts) {
  std::string joined;
  for (const auto& [name, count] : counts) {
    joined += fmt::format("{}{} {}", joined.empty() ? "" : ", ", format_count(count), name);
  }
  return joined;
}

void print_counts(std::uint64_t rows, const std::map<std::string, std::uint64_t>& by_status,
                  const std::map<std::string, std::map<std::string, std::uint64_t>>& by_label) {
  print(fmt::format("{}  {} ({})\n", bold("Rows    "), format_count(rows), join_counts(by_status)));
  for (const auto& [model, counts] : by_label) {
    print(fmt::format("{}  {}: {}\n", bold("Labels  "), fit(model, 60),
                      fit(join_counts(counts), 200)));
  }
}

}  // namespace hasten::cli
