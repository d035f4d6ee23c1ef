// A file's bytes, mapped into memory read-only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace hasten {

// Shared, so that tensors can keep the mapping alive. Threads may read it at once. A file that is
// cut short by somebody else while it is mapped raises SIGBUS on access: the system offers no better.
class MappedFile {
 public:
  // Throws k_not_found when the path cannot be opened, k_malformed when it is not a regular file.
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  struct Unmap;
  friend void release_pages(std::span<const std::byte> bytes,
                            const std::shared_ptr<const void>& owner);

  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

// Gives whole pages of mapped bytes back to the system, which reads them from the file again when they
// are touched: memory for a copy that has just been made. Does nothing unless `owner` is what
// MappedFile::open returned, or shares its ownership.
void release_pages(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner);

// The whole of a regular file as a string; throws like MappedFile::open.
std::string read_file(const std::filesystem::path& path);

}  // namespace hasten
