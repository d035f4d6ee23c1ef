// Writing a report beside the output of a verb.
#pragma once

#include <filesystem>
#include <string_view>

namespace hasten::cli {

// Replaces the file by `text`, which appears whole or not at all; throws k_output.
void write_file(const std::filesystem::path& path, std::string_view text);

// Throws what write_file() would, before the long work whose result it is to hold.
void check_can_write(const std::filesystem::path& path);

}  // namespace hasten::cli
