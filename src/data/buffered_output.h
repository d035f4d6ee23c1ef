// Small writes to an AtomicFile, gathered.
#pragma once

#include <filesystem>
#include <string>

#include "base/atomic_file.h"

namespace hasten::data {

// Throws k_output; after that the file cannot be committed.
class BufferedOutput {
 public:
  explicit BufferedOutput(std::filesystem::path target)
      : where_(target), file_(std::move(target)) {}

  // To be appended to, with flush_if_full() after each row.
  std::string& buffer() { return buffer_; }
  void flush_if_full() {
    if (buffer_.size() >= k_block_bytes) flush();
  }
  void commit();

 private:
  static constexpr std::size_t k_block_bytes = std::size_t{1} << 18;

  void flush();

  std::filesystem::path where_;
  AtomicFile file_;
  std::string buffer_;
  bool failed_ = false;
};

}  // namespace hasten::data
