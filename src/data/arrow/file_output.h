// Arrow's output stream over an OutputFile.
#pragma once

#include <arrow/io/interfaces.h>
#include <arrow/result.h>

#include <exception>
#include <memory>

#include "data/output_file.h"

namespace hasten::data {

// Exceptions must not pass through Arrow, which is not written for them: the first error is kept,
// every later write fails too, and rethrow_error() gives it back its face.
class FileOutput : public arrow::io::OutputStream {
 public:
  explicit FileOutput(std::unique_ptr<OutputFile> file) : file_(std::move(file)) {
    set_mode(arrow::io::FileMode::WRITE);
  }

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, std::int64_t size) override;
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  // Ends the writing; the file still has to be committed.
  arrow::Status Close() override;
  bool closed() const override { return closed_; }

  void rethrow_error() const;
  void commit() { file_->commit(); }

 private:
  std::unique_ptr<OutputFile> file_;
  std::int64_t position_ = 0;
  bool closed_ = false;
  std::exception_ptr error_;
};

}  // namespace hasten::data
