#include "data/input_files.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <system_error>
#include <tuple>

#include "base/error.h"
#include "data/remote_files.h"

namespace hasten::data {
namespace {

namespace fs = std::filesystem;

bool is_marker(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name.starts_with('_');
}

bool has_marker(const fs::path& path) {
  return std::any_of(path.begin(), path.end(), is_marker);
}

std::string stem_of(const std::string& name) {
  fs::path stem = name;
  const std::string extension = stem.extension().string();
  if (extension == ".gz" || extension == ".zst") stem.replace_extension();
  return stem.replace_extension().string();
}

// The matches of a pattern, which may be none.
std::vector<fs::path> expand_pattern(const std::string& pattern) {
  glob_t found{};
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &found);
  std::vector<fs::path> paths;
  for (std::size_t i = 0; result == 0 && i < found.gl_pathc; ++i)
    paths.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  if (result != 0 && result != GLOB_NOMATCH) {
    fail(ErrorCode::k_not_found, "a folder of this pattern cannot be read", pattern);
  }
  return paths;
}

class InputSearch {
 public:
  explicit InputSearch(std::optional<Format> format) : format_(format) {}

  void add_input(const std::string& input);
  InputFiles finish();

 private:
  void add_list(const std::string& path);
  void add_path_or_pattern(const std::string& input);
  void add_folder(const fs::path& folder);
  void add_found(const fs::path& path, std::string name);
  void add_remote(const std::string& input);
  void add_file(const fs::path& path, std::string name, Format format);

  std::optional<Format> format_;
  InputFiles found_;
};

void InputSearch::add_input(const std::string& input) {
  if (input.starts_with('@') && !fs::exists(input)) {
    add_list(input.substr(1));
  } else {
    add_path_or_pattern(input);
  }
}

void InputSearch::add_list(const std::string& path) {
  std::ifstream list(path);
  if (!list) fail(ErrorCode::k_not_found, "the list of inputs cannot be opened", path);
  for (std::string line; std::getline(list, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) add_path_or_pattern(line);
  }
}

void InputSearch::add_remote(const std::string& input) {
  for (const NamedEntry& found : expand_remote(remote_files(), input)) {
    if (found.was_named) {
      add_file(found.entry.path, found.name, format_ ? *format_ : format_of(found.entry.path));
    } else if (!has_marker(found.name)) {
      add_found(found.entry.path, found.name);
    }
  }
}

void InputSearch::add_path_or_pattern(const std::string& input) {
  if (is_remote(input)) return add_remote(input);
  if (fs::is_directory(input)) return add_folder(input);
  if (fs::exists(input)) {
    return add_file(input, fs::path(input).filename(), format_ ? *format_ : format_of(input));
  }
  const auto matches = expand_pattern(input);
  if (matches.empty()) {
    const bool is_pattern = input.find_first_of("*?[") != std::string::npos;
    fail(ErrorCode::k_not_found,
         is_pattern ? "no file matches this pattern" : "there is no such file", input, {},
         "Check the path, and that it is the right folder.");
  }
  for (const fs::path& match : matches) {
    if (is_marker(match)) continue;
    if (fs::is_directory(match)) {
      add_folder(match);
    } else {
      add_found(match, match.filename());
    }
  }
}

void InputSearch::add_folder(const fs::path& folder) {
  for (fs::recursive_directory_iterator entry(folder); entry != fs::recursive_directory_iterator();
       ++entry) {
    if (is_marker(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      add_found(entry->path(), entry->path().lexically_relative(folder));
    }
  }
}

void InputSearch::add_found(const fs::path& path, std::string name) {
  if (format_) return add_file(path, std::move(name), *format_);
  try {
    add_file(path, std::move(name), format_of(path));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::k_usage) throw;
    found_.skipped.push_back(path);
  }
}

void InputSearch::add_file(const fs::path& path, std::string name, Format format) {
  std::string stem = stem_of(name);
  found_.files.push_back({path, std::move(name), std::move(stem), stamp_of(path).bytes, format});
}

InputFiles InputSearch::finish() {
  const auto key = [](const InputFile& file) { return std::tie(file.name, file.path.native()); };
  std::sort(found_.files.begin(), found_.files.end(),
            [&](const InputFile& a, const InputFile& b) { return key(a) < key(b); });
  std::set<fs::path> seen;
  std::erase_if(found_.files, [&](const InputFile& file) {
    const bool on_disk = !is_remote(file.path);
    return !seen.insert(on_disk ? fs::canonical(file.path) : file.path).second;
  });
  std::sort(found_.skipped.begin(), found_.skipped.end());
  if (!found_.files.empty()) return std::move(found_);
  const std::string cause =
      found_.skipped.empty()
          ? "the folders are empty"
          : fmt::format(
                "the format of the {} files there, such as {}, is not known from their names",
                found_.skipped.size(), found_.skipped.front().string());
  fail(ErrorCode::k_not_found, "there are no input files", {}, cause,
       "Inputs are .txt, .jsonl, .csv, .tsv and .parquet, or say their format.");
}

}  // namespace

InputFiles find_input_files(std::span<const std::string> inputs, std::optional<Format> format) {
  try {
    InputSearch search(format);
    for (const std::string& input : inputs) search.add_input(input);
    return search.finish();
  } catch (const fs::filesystem_error& error) {
    fail(ErrorCode::k_not_found, "an input cannot be read: " + error.code().message(),
         error.path1().string(), {}, "Check the path and its permissions.");
  }
}

}  // namespace hasten::data
