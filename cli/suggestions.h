// "Did you mean ...?"
#pragma once

#include <string>
#include <vector>

namespace hasten::cli {

// The candidate nearest to `word` by edit distance, or empty when none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace hasten::cli
