// Writing a report beside the output of a verb.
#pragma once

#include <filesystem>
#include <string_view>

namespace hasten::cli {

// Replaces the file by `text`, which appears whole or not at all; throws k_output.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace hasten::cli
