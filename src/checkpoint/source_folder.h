// The files of a checkpoint's folder, opened by name, and no others.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/json.h"
#include "base/mapped_file.h"
#include "checkpoint/file_bytes.h"

namespace hasten::checkpoint {

// Opens files and keeps what was opened. A name that leaves the folder is refused, and so is a link
// that does: a folder from elsewhere could otherwise have any file of this machine copied into the
// converted model. One place outside is allowed: `blobs` two levels above, where the Hugging Face
// cache keeps the files that its `snapshots/<revision>/` link to.
class SourceFolder {
 public:
  using Files = std::map<std::string, std::shared_ptr<const MappedFile>>;

  // Throws k_not_found when there is no such folder.
  explicit SourceFolder(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return folder_; }
  std::string where(const std::string& name) const { return (folder_ / name).string(); }
  bool has(const std::string& name) const;

  // Throws k_not_found, and k_malformed for a name or link that leaves the folder.
  FileBytes open(const std::string& name);

  // The same for a file that the user named: a link may lead anywhere.
  FileBytes open_named(const std::string& name);

  // The parsed file, null when there is none. Throws k_malformed, also for more than 4 MB.
  Json read_json(const std::string& name);

  const Files& files() const { return files_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path real_folder_;
  Files files_;
};

}  // namespace hasten::checkpoint
