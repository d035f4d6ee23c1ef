// A file that appears under its name whole, or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace hasten {

// Writes to a unique temporary name in the target's folder; commit() flushes it to the disk, renames
// it over the target and flushes the folder. Without commit() the temporary file is removed. The
// target may be a file that is mapped at that moment: its old bytes stay readable.
// Used by one thread. Every failure throws k_output, naming the target.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
  void commit();

  // Where the bytes lie until commit().
  const std::filesystem::path& temporary_path() const { return temporary_; }

 private:
  [[noreturn]] void fail_with_errno(const char* action) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

}  // namespace hasten
