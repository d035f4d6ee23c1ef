// Two graphs side by side.
#pragma once

#include <string>

namespace hasten::api {

// The lines of two texts: those of both with two spaces before them, those of the first alone with
// "- ", those of the second alone with "+ ", in an order that both keep; runs of more than six common
// lines are cut to three on each side and "...". Longest common subsequence; texts too long for it
// (5 * 10^7 pairs of lines) are compared as sets of lines.
std::string diff_lines(const std::string& before, const std::string& after);

}  // namespace hasten::api
