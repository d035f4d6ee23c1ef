#include "tokenizer/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace hasten::tokenizer {
namespace {

// The bytes that may follow a lead byte: Unicode Standard, table 3-7.
struct Sequence {
  std::size_t length;
  unsigned char second_low;
  unsigned char second_high;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// Length of the well-formed sequence at `text`'s start, or of its ill-formed maximal subpart.
std::size_t subpart_length(std::string_view text, bool& valid) {
  const auto lead = static_cast<unsigned char>(text[0]);
  valid = lead < 0x80;
  if (valid) return 1;
  const Sequence sequence = sequence_of(lead);
  if (sequence.length == 0 || text.size() < 2) return 1;
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < sequence.second_low || second > sequence.second_high) return 1;
  std::size_t length = 2;
  while (length < sequence.length && length < text.size() && is_continuation(text[length])) {
    ++length;
  }
  valid = length == sequence.length;
  return length;
}

}  // namespace

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t append_valid_utf8(std::string& out, std::string_view text) {
  std::size_t replaced = 0;
  while (!text.empty()) {
    bool valid = false;
    const std::size_t length = subpart_length(text, valid);
    if (valid) {
      out.append(text.substr(0, length));
    } else {
      append_code_point(out, 0xFFFD);
      replaced += length;
    }
    text.remove_prefix(length);
  }
  return replaced;
}

}  // namespace hasten::tokenizer
