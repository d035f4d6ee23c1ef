#include "checkpoint/zip_directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint/quote_name.h"

namespace hasten::checkpoint {
namespace {

constexpr std::uint32_t k_local_signature = 0x04034b50;
constexpr std::uint32_t k_central_signature = 0x02014b50;
constexpr std::uint32_t k_end_signature = 0x06054b50;
constexpr std::uint32_t k_end64_signature = 0x06064b50;
constexpr std::uint32_t k_locator_signature = 0x07064b50;
constexpr std::size_t k_end_size = 22;
constexpr std::size_t k_end64_size = 56;
constexpr std::size_t k_locator_size = 20;
constexpr std::size_t k_central_size = 46;
constexpr std::uint64_t k_most_entries =
    100'000;  // one per tensor: large models have some thousands
constexpr std::uint16_t k_sizes_follow = 1 << 3;  // sizes stand behind the data, not before it

[[noreturn]] void fail_zip(const std::string& what, const std::string& where) {
  fail(ErrorCode::k_malformed, "in the zip archive: " + what, where, "the file is damaged",
       "Save or download the checkpoint again.");
}

struct EndRecord {
  std::uint64_t count = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
  std::uint64_t position = 0;  // of the record itself: the directory ends here
};

// The last position whose end record, with its comment, reaches exactly the end of the file.
std::size_t find_end_record(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.size() < k_end_size) fail_zip("the end record is missing", where);
  const std::size_t last = bytes.size() - k_end_size;
  const std::size_t first = last - std::min<std::size_t>(last, 0xffff);
  for (std::size_t position = last + 1; position-- > first;) {
    ByteReader reader(bytes.subspan(position), where);
    if (reader.take_integer<std::uint32_t>() != k_end_signature) continue;
    reader.seek(20);
    if (reader.take_integer<std::uint16_t>() == reader.remaining()) return position;
  }
  fail_zip("the end record is missing", where);
}

// The zip64 end record, which the locator before the plain end record points to.
EndRecord read_end64(std::span<const std::byte> bytes, std::size_t locator,
                     const std::string& where) {
  ByteReader reader(bytes.first(locator + k_locator_size), where);
  reader.seek(locator + 8);
  EndRecord end;
  end.position = reader.take_integer<std::uint64_t>();
  if (locator < k_end64_size || end.position != locator - k_end64_size) {
    fail_zip("the zip64 end record is not where its locator says", where);
  }
  reader.seek(end.position);
  const auto signature = reader.take_integer<std::uint32_t>();
  const auto record_size = reader.take_integer<std::uint64_t>();
  if (signature != k_end64_signature || record_size != k_end64_size - 12) {
    fail_zip("the zip64 end record is damaged", where);
  }
  reader.take(4);  // versions
  const auto disks = reader.take_integer<std::uint64_t>();
  const auto count_here = reader.take_integer<std::uint64_t>();
  end.count = reader.take_integer<std::uint64_t>();
  end.size = reader.take_integer<std::uint64_t>();
  end.offset = reader.take_integer<std::uint64_t>();
  if (disks != 0 || count_here != end.count) {
    fail(ErrorCode::k_unsupported, "a zip archive in several parts", where);
  }
  return end;
}

EndRecord read_end(std::span<const std::byte> bytes, const std::string& where) {
  const std::size_t position = find_end_record(bytes, where);
  ByteReader reader(bytes, where);
  reader.seek(position + 4);
  const auto disks = reader.take_integer<std::uint32_t>();
  const auto count_here = reader.take_integer<std::uint16_t>();
  const auto count = reader.take_integer<std::uint16_t>();
  const auto size = reader.take_integer<std::uint32_t>();
  const auto offset = reader.take_integer<std::uint32_t>();
  if (disks != 0 || count_here != count) {
    fail(ErrorCode::k_unsupported, "a zip archive in several parts", where);
  }
  if (position >= k_locator_size) {
    reader.seek(position - k_locator_size);
    if (reader.take_integer<std::uint32_t>() == k_locator_signature) {
      const EndRecord end = read_end64(bytes, position - k_locator_size, where);
      // All ones mean "see the zip64 record".
      if ((count != 0xffff && count != end.count) || (size != 0xffffffff && size != end.size) ||
          (offset != 0xffffffff && offset != end.offset)) {
        fail_zip("the two end records contradict each other", where);
      }
      return end;
    }
  }
  return {count, size, offset, position};
}

// Replaces the fields that are all ones by those of the zip64 extra field, in the format's order.
void resolve_zip64(ZipRecord& record, std::string_view extra, const std::string& where) {
  if (record.size != 0xffffffff && record.compressed_size != 0xffffffff &&
      record.local_offset != 0xffffffff) {
    return;
  }
  ByteReader reader(std::as_bytes(std::span(extra.data(), extra.size())), where);
  while (reader.remaining() >= 4) {
    const auto kind = reader.take_integer<std::uint16_t>();
    const auto field = reader.take(reader.take_integer<std::uint16_t>());
    if (kind != 1) continue;
    ByteReader values(field, where);
    for (auto* value : {&record.size, &record.compressed_size, &record.local_offset}) {
      if (*value == 0xffffffff) *value = values.take_integer<std::uint64_t>();
    }
    return;
  }
  fail_zip(fmt::format("entry {} lacks its zip64 field", quote_name(record.name)), where);
}

ZipRecord read_record(ByteReader& reader, const std::string& where) {
  if (reader.take_integer<std::uint32_t>() != k_central_signature) {
    reader.fail_here("a zip directory record is expected here");
  }
  ZipRecord record;
  reader.take(4);  // versions
  record.flags = reader.take_integer<std::uint16_t>();
  record.method = reader.take_integer<std::uint16_t>();
  reader.take(4);  // time and date
  record.crc32 = reader.take_integer<std::uint32_t>();
  record.compressed_size = reader.take_integer<std::uint32_t>();
  record.size = reader.take_integer<std::uint32_t>();
  const auto name_length = reader.take_integer<std::uint16_t>();
  const auto extra_length = reader.take_integer<std::uint16_t>();
  const auto comment_length = reader.take_integer<std::uint16_t>();
  const auto disk = reader.take_integer<std::uint16_t>();
  reader.take(6);  // attributes
  record.local_offset = reader.take_integer<std::uint32_t>();
  record.name = reader.take_text(name_length);
  const auto extra = reader.take_text(extra_length);
  reader.take(comment_length);
  if (disk != 0) fail(ErrorCode::k_unsupported, "a zip archive in several parts", where);
  resolve_zip64(record, extra, where);
  return record;
}

}  // namespace

ZipDirectory read_zip_directory(std::span<const std::byte> bytes, const std::string& where) {
  const EndRecord end = read_end(bytes, where);
  if (end.offset > end.position || end.size != end.position - end.offset) {
    fail_zip("the directory does not end at its end record", where);
  }
  if (end.count > end.size / k_central_size || end.count > k_most_entries) {
    fail_zip(fmt::format("{} entries in a directory of {} bytes", end.count, end.size), where);
  }
  ByteReader reader(bytes.first(end.position), where);
  reader.seek(end.offset);
  ZipDirectory directory;
  directory.offset = end.offset;
  directory.records.reserve(end.count);
  for (std::uint64_t i = 0; i < end.count; ++i)
    directory.records.push_back(read_record(reader, where));
  if (reader.remaining() != 0) reader.fail_here("the zip directory has more than its records");
  return directory;
}

std::span<const std::byte> read_zip_entry(std::span<const std::byte> bytes, const ZipRecord& record,
                                          std::uint64_t limit, const std::string& where) {
  ByteReader reader(bytes.first(limit), where);
  reader.seek(record.local_offset);
  if (reader.take_integer<std::uint32_t>() != k_local_signature) {
    fail_zip(fmt::format("entry {} has no header at byte {}", quote_name(record.name),
                         record.local_offset),
             where);
  }
  reader.take(2);  // version
  const auto flags = reader.take_integer<std::uint16_t>();
  const auto method = reader.take_integer<std::uint16_t>();
  reader.take(4);  // time and date
  const auto crc32 = reader.take_integer<std::uint32_t>();
  const auto compressed_size = reader.take_integer<std::uint32_t>();
  const auto size = reader.take_integer<std::uint32_t>();
  const auto name_length = reader.take_integer<std::uint16_t>();
  const auto extra_length = reader.take_integer<std::uint16_t>();
  const auto name = reader.take_text(name_length);
  reader.take(extra_length);
  const bool unsaid =
      (flags & k_sizes_follow) != 0 && crc32 == 0 && compressed_size == 0 && size == 0;
  const auto same = [](std::uint32_t local, std::uint64_t central) {
    return local == central || local == 0xffffffff;
  };
  if (flags != record.flags || method != record.method || name != record.name ||
      !(unsaid || (crc32 == record.crc32 && same(size, record.size) &&
                   same(compressed_size, record.compressed_size)))) {
    fail_zip(
        fmt::format("entry {} and its own header contradict each other", quote_name(record.name)),
        fmt::format("{}, byte {}", where, record.local_offset));
  }
  return reader.take(record.compressed_size);
}

}  // namespace hasten::checkpoint
