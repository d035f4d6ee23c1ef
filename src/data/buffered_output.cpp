#include "data/buffered_output.h"

#include "base/error.h"

namespace hasten::data {

void BufferedOutput::flush() {
  if (failed_) fail(ErrorCode::k_output, "the file cannot be written on after an error");
  failed_ = true;
  file_->write(std::as_bytes(std::span(buffer_)));
  failed_ = false;
  buffer_.clear();
}

void BufferedOutput::commit() {
  flush();
  file_->commit();
}

}  // namespace hasten::data
