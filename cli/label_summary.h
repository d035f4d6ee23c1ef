// What `hasten label` says at its end.
#pragma once

#include <hasten/label.h>

#include <filesystem>

namespace hasten::cli {

void print_summary(const LabelReport& report, const std::filesystem::path& output);
// Of a job that was only tried.
void print_estimate(const LabelEstimate& estimate);

// Throws what a run that did not do everything ends with.
void throw_unfinished(const LabelReport& report, const std::filesystem::path& output);

}  // namespace hasten::cli
