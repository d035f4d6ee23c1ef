// A set of ASCII characters, for the classes of regular expressions.
#pragma once

#include <cstdint>
#include <string_view>

namespace hasten::tokenizer::bertweet {

class AsciiSet {
 public:
  constexpr explicit AsciiSet(std::string_view members) {
    for (const char c : members)
      bits_[static_cast<unsigned char>(c) >> 6] |= bit(static_cast<unsigned char>(c));
  }
  constexpr bool contains(char32_t code) const {
    return code < 128 && (bits_[code >> 6] & bit(code)) != 0;
  }

 private:
  static constexpr std::uint64_t bit(char32_t code) { return std::uint64_t{1} << (code & 63); }

  std::uint64_t bits_[2] = {0, 0};
};

}  // namespace hasten::tokenizer::bertweet
