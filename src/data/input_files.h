// Which files the inputs of a job are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/text_reader.h"

namespace hasten::data {

struct InputFile {
  std::filesystem::path path;
  std::string name;  // below the folder that was given, else the file's own: "2020/part-0.csv.gz"
  std::string stem;  // the name without the extensions of format and compression: "2020/part-0"
  std::uint64_t bytes = 0;
  Format format = Format::k_lines;
};

struct InputFiles {
  std::vector<InputFile> files;                // in byte order of names, then paths; each file once
  std::vector<std::filesystem::path> skipped;  // in folders and patterns: the format is not known
};

// Each input is a file, a folder (searched with those in it), a pattern with *, ? and [...], or
// "@LIST", a file with an input on each line. What exists under the very name is taken as that. In
// folders and patterns names that start with "." or "_" are left out, as Spark's markers do. Links
// to folders are followed only where they are given by name. `format` is taken instead of the
// extensions. The same tree gives the same result everywhere. Throws k_not_found (no such file,
// nothing found), k_usage (a file given by name whose format is not known).
InputFiles find_input_files(std::span<const std::string> inputs,
                            std::optional<Format> format = std::nullopt);

}  // namespace hasten::data
