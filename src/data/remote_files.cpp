#include "data/remote_files.h"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string_view>

#include "base/error.h"
#include "data/arrow_plugin.h"

namespace hasten::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_separator = "://";
constexpr std::string_view k_wildcards = "*?[";

std::string without_slash(std::string path) {
  while (path.ends_with('/') && !path.ends_with(k_separator)) path.pop_back();
  return path;
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_marker(const std::string& name) {
  return name.starts_with('_') || name.starts_with('.');
}

// The folder that holds every match of a pattern: what comes before the name with the first
// wildcard.
std::string fixed_folder(const std::string& pattern) {
  return pattern.substr(0, pattern.rfind('/', pattern.find_first_of(k_wildcards)));
}

void add_folder(const RemoteFiles& files, const std::string& folder,
                std::vector<NamedEntry>& found) {
  for (RemoteEntry& entry : files.list(folder)) {
    std::string name = entry.path.substr(folder.size() + 1);
    found.push_back({std::move(entry), std::move(name)});
  }
}

// The beginning of a path that has that many slashes.
std::string beginning(const std::string& path, std::ptrdiff_t slashes) {
  const auto end =
      std::find_if(path.begin(), path.end(), [&](char c) { return c == '/' && slashes-- == 0; });
  return {path.begin(), end};
}

// A pattern may match folders above the files, as it does on a disk.
void add_matches(const RemoteFiles& files, const std::string& pattern,
                 std::vector<NamedEntry>& found) {
  const auto slashes = std::count(pattern.begin(), pattern.end(), '/');
  for (RemoteEntry& entry : files.list(fixed_folder(pattern))) {
    const std::string match = beginning(entry.path, slashes);
    if (::fnmatch(pattern.c_str(), match.c_str(), FNM_PATHNAME | FNM_PERIOD) != 0) continue;
    const bool is_file = match == entry.path;
    std::string name = is_file ? name_of(match) : entry.path.substr(match.size() + 1);
    if (!is_file && is_marker(name_of(match))) continue;
    found.push_back({std::move(entry), std::move(name)});
  }
}

}  // namespace

bool is_remote(const fs::path& path) {
  const std::string& text = path.native();
  const std::size_t end = text.find(k_separator);
  if (end == std::string::npos || end < 2) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-'; });
}

const RemoteFiles& remote_files() {
  return arrow_plugin().remote_files();
}

FileStamp stamp_of(const fs::path& path) {
  if (is_remote(path)) {
    const auto entry = remote_files().find(path);
    if (!entry) fail(ErrorCode::k_not_found, "there is no such file", path);
    return {entry->bytes, entry->changed};
  }
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(path, error);
  const fs::file_time_type changed =
      error ? fs::file_time_type() : fs::last_write_time(path, error);
  if (error) {
    fail(ErrorCode::k_not_found, "cannot be looked at: " + error.message(), path, {},
         "Check the path and its permissions.");
  }
  const auto since = std::chrono::file_clock::to_sys(changed).time_since_epoch();
  return {bytes, std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

std::vector<NamedEntry> expand_remote(const RemoteFiles& files, const std::string& path) {
  const std::string place = without_slash(path);
  std::vector<NamedEntry> found;
  if (auto entry = files.find(place)) {
    if (entry->is_folder) {
      add_folder(files, place, found);
    } else {
      found.push_back({std::move(*entry), name_of(place), true});
    }
    return found;
  }
  const bool is_pattern = path.find_first_of(k_wildcards) != std::string::npos;
  if (is_pattern) add_matches(files, place, found);
  if (!found.empty()) return found;
  fail(ErrorCode::k_not_found,
       is_pattern ? "no file matches this pattern" : "there is no such file", path, {},
       "Check the path, and the endpoint, region and credentials in the environment.");
}

}  // namespace hasten::data
