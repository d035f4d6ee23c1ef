// A cursor over untrusted bytes: every read is checked against what remains.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hasten {

// Little-endian. A read past the end throws k_malformed, naming `where` and the byte offset.
class ByteReader {
 public:
  // `bytes` must outlive the reader; `where` names the file in errors.
  ByteReader(std::span<const std::byte> bytes, std::string where)
      : bytes_(bytes), where_(std::move(where)) {}

  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return bytes_.size() - offset_; }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > remaining()) fail_truncated(count);
    const auto result = bytes_.subspan(offset_, static_cast<std::size_t>(count));
    offset_ += static_cast<std::size_t>(count);
    return result;
  }

  std::string_view take_text(std::uint64_t count) {
    const auto bytes = take(count);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  template <std::integral T>
  T take_integer() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  void seek(std::uint64_t offset) {
    if (offset > bytes_.size()) fail_truncated(offset);
    offset_ = static_cast<std::size_t>(offset);
  }

  [[noreturn]] void fail_here(std::string what) const {
    fail(ErrorCode::k_malformed, std::move(what), where_ + ", byte " + std::to_string(offset_));
  }

 private:
  [[noreturn]] void fail_truncated(std::uint64_t wanted) const {
    fail(ErrorCode::k_malformed,
         std::to_string(wanted) + " bytes are announced and " + std::to_string(remaining()) +
             " remain",
         where_ + ", byte " + std::to_string(offset_), "the file is cut short or damaged",
         "Copy or download it again.");
  }

  std::span<const std::byte> bytes_;
  std::string where_;
  std::size_t offset_ = 0;
};

}  // namespace hasten
