// Small writes to an OutputFile, gathered.
#pragma once

#include <memory>
#include <string>

#include "data/output_file.h"

namespace hasten::data {

// Throws k_output; after that the file cannot be committed.
class BufferedOutput {
 public:
  explicit BufferedOutput(std::unique_ptr<OutputFile> file) : file_(std::move(file)) {}

  // To be appended to, with flush_if_full() after each row.
  std::string& buffer() { return buffer_; }
  void flush_if_full() {
    if (buffer_.size() >= k_block_bytes) flush();
  }
  void commit();

 private:
  static constexpr std::size_t k_block_bytes = std::size_t{1} << 18;

  void flush();

  std::unique_ptr<OutputFile> file_;
  std::string buffer_;
  bool failed_ = false;
};

}  // namespace hasten::data
