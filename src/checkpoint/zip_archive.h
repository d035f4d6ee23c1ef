// Zip archives as torch writes them: every entry stored, none compressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::checkpoint {

struct ZipEntry {
  std::string_view name;  // in the archive's bytes, like the content
  std::span<const std::byte> bytes;
  std::uint32_t crc32 = 0;
};

// The directory of an archive; views into bytes that the caller keeps. What one reader could take
// for something else than another is refused: entries that overlap or occur twice, local headers
// that contradict the central directory, gaps before the directory or bytes after the end record.
class ZipArchive {
 public:
  // Throws k_malformed, and k_unsupported for compressed or encrypted entries and split archives.
  ZipArchive(std::span<const std::byte> bytes, std::string where);

  const std::vector<ZipEntry>& entries() const { return entries_; }  // sorted by name

  // Nothing when there is no such entry.
  const ZipEntry* find(std::string_view name) const;

  // The entry's bytes after their CRC-32 was checked; throws k_malformed.
  std::span<const std::byte> checked(const ZipEntry& entry) const;

 private:
  std::string where_;
  std::vector<ZipEntry> entries_;
};

}  // namespace hasten::checkpoint
