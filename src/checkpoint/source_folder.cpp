#include "checkpoint/source_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

// A parsed tree takes up to forty times the text's size.
constexpr std::size_t k_longest_json = 4 << 20;

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= 255 &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

bool contains(const std::filesystem::path& folder, const std::filesystem::path& file) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
         folder.end();
}

}  // namespace

SourceFolder::SourceFolder(const std::filesystem::path& folder) : folder_(folder) {
  std::error_code error;
  real_folder_ = std::filesystem::canonical(folder_, error);
  if (error) {
    fail(ErrorCode::k_not_found, "cannot be opened: " + error.message(), folder_, {},
         "Check the path and its permissions.");
  }
}

bool SourceFolder::has(const std::string& name) const {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::symlink_status(folder_ / name, error));
}

FileBytes SourceFolder::open(const std::string& name) {
  if (!is_plain_name(name)) {
    fail(ErrorCode::k_malformed,
         fmt::format("{} is no name of a file in this folder", quote_name(name)), folder_,
         "the folder was forged", "Get the checkpoint from a source that you trust.");
  }
  std::error_code error;
  const auto real_file = std::filesystem::canonical(folder_ / name, error);
  if (error) {
    fail(ErrorCode::k_not_found, "cannot be opened: " + error.message(), where(name), {},
         "Check that the folder is complete.");
  }
  const auto cache = real_folder_.parent_path().parent_path() / "blobs";
  if (!contains(real_folder_, real_file) &&
      !(real_folder_.parent_path().filename() == "snapshots" && contains(cache, real_file))) {
    fail(ErrorCode::k_malformed, "a link that leads out of its folder, to " + real_file.string(),
         where(name), "files are taken from the checkpoint's own folder only",
         "Copy the file into the folder, or give the folder that holds it.");
  }
  return open_named(name);
}

FileBytes SourceFolder::open_named(const std::string& name) {
  auto& file = files_[name];
  if (!file) file = MappedFile::open(folder_ / name);
  return {file->bytes(), file, where(name)};
}

Json SourceFolder::read_json(const std::string& name) {
  if (!has(name)) return {};
  const FileBytes file = open(name);
  if (file.bytes.size() > k_longest_json) {
    fail(ErrorCode::k_malformed,
         fmt::format("{} bytes are too many for this file", file.bytes.size()), file.where);
  }
  return Json::parse(file.text(), file.where);
}

}  // namespace hasten::checkpoint
