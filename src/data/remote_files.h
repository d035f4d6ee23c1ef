// Files in object stores and distributed file systems, by names such as s3://bucket/part-0.parquet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/byte_source.h"
#include "data/output_file.h"

namespace hasten::data {

// Whether a path begins with a scheme, as in "s3://". Which of them are known, remote_files() says.
bool is_remote(const std::filesystem::path& path);

struct RemoteEntry {
  std::string path;  // with its scheme
  bool is_folder = false;
  std::uint64_t bytes = 0;
  std::int64_t changed = 0;  // nanoseconds since 1970, as fine as the store tells it
};

// Implemented with Arrow's file systems. Threads may share it. Throws k_usage for a scheme that is
// not known, k_unsupported for one that this build of Arrow has not or that lacks a library,
// k_not_found where reading fails, k_output where writing does.
class RemoteFiles {
 public:
  virtual ~RemoteFiles() = default;
  // A file, or a folder that holds something; nothing when there is neither.
  virtual std::optional<RemoteEntry> find(const std::string& path) const = 0;
  // The files in a folder and in the folders in it, in byte order; none where there is no such
  // folder.
  virtual std::vector<RemoteEntry> list(const std::string& folder) const = 0;
  virtual std::unique_ptr<ByteSource> open(const std::string& path) const = 0;
  // One upload to the final name, which shows the file when it ends and not before. commit_new()
  // looks for a file of that name just before it ends: no store of these tells two that end at once
  // apart, so whoever may meet there must write the same bytes, or look again.
  virtual std::unique_ptr<OutputFile> create(const std::string& path) const = 0;
  // Nothing happens when it is not there.
  virtual void remove(const std::string& path) const = 0;
};

// Of the Arrow plug-in; throws what arrow_plugin() throws.
const RemoteFiles& remote_files();

// Size and time of the last change: not the same when a file was changed meanwhile.
struct FileStamp {
  std::uint64_t bytes = 0;
  std::int64_t changed = 0;
  bool operator==(const FileStamp&) const = default;
};
// Of a local or a remote file. Throws k_not_found.
FileStamp stamp_of(const std::filesystem::path& path);

// The files that `path` names, a file, a folder or a pattern with *, ? and [...], and the names
// that they have below the folder that was given. Throws k_not_found when there are none.
struct NamedEntry {
  RemoteEntry entry;
  std::string name;
  bool was_named = false;  // and not found in a folder or by a pattern
};
std::vector<NamedEntry> expand_remote(const RemoteFiles& files, const std::string& path);

}  // namespace hasten::data
