// Turns the bytes of a text file into UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hasten::data {

// Drops a byte order mark; transcodes UTF-16 that has one, either way round, or begins with two
// characters of ASCII. Otherwise, and with the mark of UTF-8, bytes pass as they are and may be
// ill-formed. What cannot be transcoded (a
// lone surrogate, half a code unit at the end) becomes the byte FF, which is one error in UTF-8
// too.
class TextDecoder {
 public:
  // Appends to `out`; up to three bytes may be held back until more is known.
  void decode(std::string_view bytes, std::string& out);
  // To be called once, at the end of the input.
  void finish(std::string& out);

  bool transcodes() const { return encoding_ > Encoding::k_utf8; }
  // Of the byte order mark that was dropped.
  std::uint64_t mark_bytes() const { return mark_bytes_; }

 private:
  enum class Encoding { k_undecided, k_utf8, k_utf16_little, k_utf16_big };

  bool decide(bool at_end);
  void decode_utf16(std::string_view bytes, std::string& out);
  void decode_unit(char16_t unit, std::string& out);

  Encoding encoding_ = Encoding::k_undecided;
  std::uint64_t mark_bytes_ = 0;
  std::string held_;  // the start of the input until the encoding is decided, then half a code unit
  char16_t high_surrogate_ = 0;
};

}  // namespace hasten::data
