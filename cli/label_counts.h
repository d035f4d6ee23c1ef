// Counts of rows as lines of a summary.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace hasten::cli {

// "5 empty, 215 ok"
std::string join_counts(const std::map<std::string, std::uint64_t>& counts);

// "Rows      226 (5 empty, 215 ok)", and a line for each model's labels.
void print_counts(std::uint64_t rows, const std::map<std::string, std::uint64_t>& by_status,
                  const std::map<std::string, std::map<std::string, std::uint64_t>>& by_label);

}  // namespace hasten::cli
