#include "checkpoint/zip_archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "checkpoint/quote_name.h"
#include "checkpoint/zip_directory.h"

namespace hasten::checkpoint {
namespace {

constexpr std::uint16_t k_allowed_flags = 1 << 3 | 1 << 11;  // sizes behind the data, UTF-8 names

void check_record(const ZipRecord& record, const std::string& where) {
  if ((record.flags & ~k_allowed_flags) != 0 || record.method != 0) {
    fail(ErrorCode::k_unsupported,
         fmt::format("zip entry {} is compressed or encrypted", quote_name(record.name)), where,
         "torch stores its entries as they are: the archive was packed by something else",
         "Save the checkpoint again with torch.save.");
  }
  if (record.compressed_size != record.size) {
    fail(ErrorCode::k_malformed,
         fmt::format("zip entry {} is stored and has two sizes", quote_name(record.name)), where);
  }
  const bool leaves = record.name.empty() || record.name.front() == '/' ||
                      record.name.find("..") != std::string_view::npos ||
                      record.name.find('\\') != std::string_view::npos ||
                      record.name.find('\0') != std::string_view::npos;
  if (leaves) {
    fail(ErrorCode::k_malformed,
         fmt::format("{} is no name for a zip entry", quote_name(record.name)), where);
  }
}

// Begin and end of each entry with its header; none may reach into another.
using Extent = std::pair<std::uint64_t, std::uint64_t>;

void check_overlap(std::vector<Extent> extents, const std::string& where) {
  std::sort(extents.begin(), extents.end());
  for (std::size_t i = 1; i < extents.size(); ++i) {
    if (extents[i].first < extents[i - 1].second) {
      fail(ErrorCode::k_malformed, "two zip entries overlap",
           fmt::format("{}, byte {}", where, extents[i].first), "the archive was forged or damaged",
           "Save or download the checkpoint again.");
    }
  }
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::string where)
    : where_(std::move(where)) {
  const ZipDirectory directory = read_zip_directory(bytes, where_);
  std::vector<Extent> extents;
  for (const ZipRecord& record : directory.records) {
    check_record(record, where_);
    const auto content = read_zip_entry(bytes, record, directory.offset, where_);
    const auto end = static_cast<std::uint64_t>(content.data() - bytes.data()) + content.size();
    extents.emplace_back(record.local_offset, end);
    entries_.push_back({record.name, content, record.crc32});
  }
  check_overlap(std::move(extents), where_);
  const auto by_name = [](const ZipEntry& left, const ZipEntry& right) {
    return left.name < right.name;
  };
  std::sort(entries_.begin(), entries_.end(), by_name);
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].name == entries_[i - 1].name) {
      fail(ErrorCode::k_malformed,
           fmt::format("zip entry {} is there twice", quote_name(entries_[i].name)), where_);
    }
  }
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto place = std::lower_bound(
      entries_.begin(), entries_.end(), name,
      [](const ZipEntry& entry, std::string_view text) { return entry.name < text; });
  return place != entries_.end() && place->name == name ? &*place : nullptr;
}

std::span<const std::byte> ZipArchive::checked(const ZipEntry& entry) const {
  const auto* data = reinterpret_cast<const Bytef*>(entry.bytes.data());
  if (crc32_z(0, data, entry.bytes.size()) != entry.crc32) {
    fail(ErrorCode::k_malformed,
         fmt::format("zip entry {} does not match its checksum", quote_name(entry.name)), where_,
         "the file is damaged", "Copy or download it again.");
  }
  return entry.bytes;
}

}  // namespace hasten::checkpoint
