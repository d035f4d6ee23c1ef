// A file that appears under its name whole, or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace hasten {

// Writes to a file without a name in the target's folder (or, where the file system has none, under a
// unique hidden name); commit() flushes it to the disk, renames it over the target and flushes the
// folder. Without commit(), even after a kill, an unnamed file is gone. The target may be a file that
// is mapped at that moment: its old bytes stay readable. A link is followed; folders, pipes and devices
// are refused.
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
  // As commit(), but leaves a file that has the name already, and says false.
  bool commit_new();

  // A path that opens the bytes until commit(), within this process.
  const std::filesystem::path& temporary_path() const { return temporary_; }

 private:
  std::filesystem::path random_sibling() const;
  void give_name();
  bool link_new() const;
  void flush_file() const;
  void flush_folder();
  [[noreturn]] void fail_with_errno(const char* action) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  bool named_ = false;
};

}  // namespace hasten
