#include "data/text_input.h"

#include <fmt/format.h>

namespace hasten::data {

namespace {

// One very long row must not take its memory for the rest of the input.
constexpr std::size_t k_kept_bytes = std::size_t{16} << 20;

}  // namespace

std::string to_string(const Place& place) {
  if (!place.byte_is_known) return fmt::format("{} {}", place.unit, place.line);
  return fmt::format("{} {}, byte {}", place.unit, place.line, place.byte);
}

TextInput::TextInput(std::unique_ptr<ByteSource> source, std::size_t block_bytes)
    : source_(std::move(source)), block_(block_bytes) {}

void TextInput::consume(std::size_t count) {
  begin_ += count;
  consumed_ += count;
}

void TextInput::fill() {
  if (at_end_) return;
  buffer_.erase(0, begin_);
  begin_ = 0;
  if (buffer_.capacity() > k_kept_bytes && buffer_.size() < k_kept_bytes / 2)
    buffer_.shrink_to_fit();
  const std::size_t count = source_->read(block_);
  if (count == 0) {
    decoder_.finish(buffer_);
    at_end_ = true;
  } else {
    decoder_.decode({block_.data(), count}, buffer_);
  }
}

Place TextInput::place(std::uint64_t line, std::size_t offset) const {
  return {line, decoder_.mark_bytes() + consumed_ + offset,
          source_->is_verbatim() && !decoder_.transcodes()};
}

}  // namespace hasten::data
