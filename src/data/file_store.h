// A folder in which a job keeps its files: on the local file system, or in an object store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "data/byte_source.h"
#include "data/output_file.h"

namespace hasten::data {

// Names are relative to the folder, with "/" between their parts: "2020/part-0.parquet". What has
// been committed is seen by every process from then on, and stays whatever happens to the machine.
// Threads may share a store. Failures throw k_output or, where reading fails, k_not_found.
class FileStore {
 public:
  virtual ~FileStore() = default;

  // Names of the files in `folder` ("" is the store itself) and in the folders in it, in byte
  // order; none where there is no such folder. Temporary files are not listed.
  virtual std::vector<std::string> list(const std::string& folder) const = 0;
  // The bytes of a small file; nothing when it is not there.
  virtual std::optional<std::string> read(const std::string& name) const = 0;
  // The bytes of any file.
  virtual std::unique_ptr<ByteSource> open(const std::string& name) const = 0;
  // Bytes of the file; nothing when it is not there.
  virtual std::optional<std::uint64_t> size(const std::string& name) const = 0;
  // Folders on the way are made.
  virtual std::unique_ptr<OutputFile> create(const std::string& name) = 0;
  // Nothing happens when it is not there.
  virtual void remove(const std::string& name) = 0;
  // The name as messages give it, and as programs open it.
  virtual std::string path_of(const std::string& name) const = 0;
  // A local folder with room for files that need not outlive the process.
  virtual std::filesystem::path scratch_folder() = 0;
};

std::unique_ptr<FileStore> open_local_store(const std::filesystem::path& folder);
// A folder of `files`, which must outlive the store. Two that commit a new file of one name at the
// same moment may both be told that theirs is it; the later one stays.
class RemoteFiles;
std::unique_ptr<FileStore> make_remote_store(const RemoteFiles& files, const std::string& folder);
// A local folder, or one that remote_files() knows: "s3://bucket/scores".
std::unique_ptr<FileStore> open_store(const std::filesystem::path& folder);

// How large a stream of bytes is, and its hash.
struct FileDigest {
  std::uint64_t bytes = 0;
  std::string sha256;
  bool operator==(const FileDigest&) const = default;
};
FileDigest digest_of(ByteSource& source);

}  // namespace hasten::data
