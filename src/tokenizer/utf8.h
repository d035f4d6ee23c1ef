// UTF-8: reading and writing one code point, and replacing what is malformed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hasten::tokenizer {

// Bytes of the sequence that starts with `lead`, in valid UTF-8.
inline std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Whether a byte continues a sequence.
inline bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// The code point at `cursor`, which moves past it. The text must be valid UTF-8.
inline char32_t next_code_point(const char*& cursor) {
  const auto byte = [&](int i) {
    return static_cast<char32_t>(static_cast<unsigned char>(cursor[i]));
  };
  const char32_t lead = byte(0);
  if (lead < 0x80) {
    cursor += 1;
    return lead;
  }
  if (lead < 0xE0) {
    const char32_t code = (lead & 0x1F) << 6 | (byte(1) & 0x3F);
    cursor += 2;
    return code;
  }
  if (lead < 0xF0) {
    const char32_t code = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    cursor += 3;
    return code;
  }
  const char32_t code =
      (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  cursor += 4;
  return code;
}

// The code point before `cursor`, which moves back to it. The text must be valid UTF-8.
inline char32_t previous_code_point(const char*& cursor) {
  do {
    --cursor;
  } while (is_continuation(*cursor));
  const char* forward = cursor;
  return next_code_point(forward);
}

// Appends a code point below 0x110000.
inline void append_code_point(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// Number of code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

bool is_valid_utf8(std::string_view text);

// Appends `text` to `out` with each maximal subpart of an ill-formed sequence (Unicode Standard,
// section 3.9) replaced by U+FFFD. Returns the number of bytes that were replaced.
std::size_t append_valid_utf8(std::string& out, std::string_view text);

}  // namespace hasten::tokenizer
