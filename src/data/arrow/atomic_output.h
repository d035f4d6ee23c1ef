// Arrow's output stream over an AtomicFile.
#pragma once

#include <arrow/io/interfaces.h>
#include <arrow/result.h>

#include <exception>
#include <filesystem>
#include <memory>

#include "base/atomic_file.h"

namespace hasten::data {

// Exceptions must not pass through Arrow, which is not written for them: the first error is kept,
// every later write fails too, and rethrow_error() gives it back its face.
class AtomicOutput : public arrow::io::OutputStream {
 public:
  explicit AtomicOutput(const std::filesystem::path& target) : file_(target) {
    set_mode(arrow::io::FileMode::WRITE);
  }

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, std::int64_t size) override;
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  // Ends the writing; the file still has to be committed.
  arrow::Status Close() override;
  bool closed() const override { return closed_; }

  void rethrow_error() const;
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  std::int64_t position_ = 0;
  bool closed_ = false;
  std::exception_ptr error_;
};

}  // namespace hasten::data
