// The records of a zip file, as they stand (PKWARE APPNOTE 6.3.9, sections 4.3.7 to 4.3.16).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace hasten::checkpoint {

// A central directory record, its zip64 extra field resolved.
struct ZipRecord {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc32 = 0;
  std::uint64_t compressed_size = 0;
  std::uint64_t size = 0;
  std::uint64_t local_offset = 0;
  std::string_view name;
};

struct ZipDirectory {
  std::vector<ZipRecord> records;
  std::uint64_t offset = 0;  // where the directory begins and the entries end
};

// Finds and reads the central directory: it must end where the end record (or the zip64 one)
// begins, and hold exactly the announced records. Throws k_malformed, k_unsupported for split
// archives.
ZipDirectory read_zip_directory(std::span<const std::byte> bytes, const std::string& where);

// The local header at `record.local_offset`, checked against the record; returns the entry's bytes.
// Throws k_malformed when they disagree or the bytes reach past `limit`.
std::span<const std::byte> read_zip_entry(std::span<const std::byte> bytes, const ZipRecord& record,
                                          std::uint64_t limit, const std::string& where);

}  // namespace hasten::checkpoint
