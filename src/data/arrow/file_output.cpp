#include "data/arrow/file_output.h"

#include <span>

namespace hasten::data {

arrow::Status FileOutput::Write(const void* data, std::int64_t size) {
  if (error_) return arrow::Status::IOError("an earlier write failed");
  try {
    file_->write(std::span(static_cast<const std::byte*>(data), static_cast<std::size_t>(size)));
  } catch (const std::exception& error) {
    error_ = std::current_exception();
    return arrow::Status::IOError(error.what());
  }
  position_ += size;
  return arrow::Status::OK();
}

arrow::Status FileOutput::Close() {
  closed_ = true;
  return arrow::Status::OK();
}

void FileOutput::rethrow_error() const {
  if (error_) std::rethrow_exception(error_);
}

}  // namespace hasten::data
