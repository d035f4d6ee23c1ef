// A window that moves over the decoded text of an input.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/byte_source.h"
#include "data/text_decoder.h"

namespace hasten::data {

// Where something stands in an input, for messages.
struct Place {
  std::uint64_t line = 1;
  std::uint64_t byte = 0;     // of the input as it was given
  bool byte_is_known = true;  // not so where the input is transcoded or compressed
  const char* unit = "line";  // or "row", in a table without lines
};
std::string to_string(const Place& place);  // "line 3, byte 120"

// Memory holds what has been read and not consumed, and one block.
class TextInput {
 public:
  TextInput(std::unique_ptr<ByteSource> source, std::size_t block_bytes);

  // Decoded and not yet consumed. Invalidated by fill(), not by consume().
  std::string_view pending() const { return std::string_view(buffer_).substr(begin_); }
  void consume(std::size_t count);

  // Reads one block of what has arrived, waiting only while that is nothing. Afterwards either more
  // is pending or at_end() (or a part of a character has come). Throws k_bad_data on an I/O error.
  void fill();
  bool ready() { return source_->ready(); }
  // Nothing comes after what is pending.
  bool at_end() const { return at_end_; }

  // The place of the byte `offset` bytes into pending().
  Place place(std::uint64_t line, std::size_t offset = 0) const;

 private:
  std::unique_ptr<ByteSource> source_;
  TextDecoder decoder_;
  std::vector<char> block_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::uint64_t consumed_ = 0;
  bool at_end_ = false;
};

}  // namespace hasten::data
