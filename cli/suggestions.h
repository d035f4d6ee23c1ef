// "Did you mean ...?"
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace hasten::cli {

// The candidate nearest to `word` by edit distance, or empty when none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

// "--json", "--threads", ...: the long options of a verb.
std::vector<std::string> names_of_flags(const CLI::App& verb);

}  // namespace hasten::cli
