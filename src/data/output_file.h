// Where the bytes of an output go.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace hasten::data {

// A file that appears under its name whole, at commit, or not at all. Used by one thread. Every
// failure throws k_output; after that it cannot be committed.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual void write(std::span<const std::byte> bytes) = 0;
  // Puts the file in place, over whatever has its name.
  virtual void commit() = 0;
  // Puts the file in place unless one has its name already, and says false then.
  virtual bool commit_new() = 0;
};

// On the local file system (base/atomic_file.h).
std::unique_ptr<OutputFile> create_local_file(const std::filesystem::path& path);
// There, or where the path's scheme says (remote_files.h).
std::unique_ptr<OutputFile> create_file(const std::filesystem::path& path);

}  // namespace hasten::data
