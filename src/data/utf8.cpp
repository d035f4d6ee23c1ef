#include "data/utf8.h"

#include <simdjson.h>

#include <array>

namespace hasten::data {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";

struct Sequence {
  std::size_t length;  // of the whole sequence, or of its maximal well-formed part
  bool valid;
};

// The sequence that starts with `lead`: how long it should be (0: no lead byte), and the range of
// its second byte; the others are 80..BF.
struct Lead {
  std::size_t length;
  unsigned char second_min;
  unsigned char second_max;
};

Lead lead_of(unsigned char lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2 || lead > 0xF4) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {4, 0x80, 0xBF};
}

Sequence sequence_at(std::string_view text, std::size_t position) {
  const Lead lead = lead_of(static_cast<unsigned char>(text[position]));
  if (lead.length == 0) return {1, false};
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (position + i == text.size()) return {i, false};
    const auto byte = static_cast<unsigned char>(text[position + i]);
    const bool fits =
        i == 1 ? byte >= lead.second_min && byte <= lead.second_max : (byte & 0xC0) == 0x80;
    if (!fits) return {i, false};
  }
  return {lead.length, true};
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t repair_utf8(std::string& text) {
  if (is_valid_utf8(text)) return 0;
  std::string out;
  out.reserve(text.size() + 16);
  std::size_t replaced = 0;
  for (std::size_t position = 0; position < text.size();) {
    const Sequence sequence = sequence_at(text, position);
    out +=
        sequence.valid ? std::string_view(text).substr(position, sequence.length) : k_replacement;
    replaced += sequence.valid ? 0 : 1;
    position += sequence.length;
  }
  text = std::move(out);
  return replaced;
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto tail = [&](int shift) {
    text += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
  };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_blank(std::string_view text) {
  static constexpr std::array<std::string_view, 19> k_wide_spaces = {
      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
      "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
      "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
  while (!text.empty()) {
    const char first = text.front();
    if (first == ' ' || (first >= '\t' && first <= '\r')) {
      text.remove_prefix(1);
      continue;
    }
    bool found = false;
    for (const std::string_view space : k_wide_spaces) {
      if (!text.starts_with(space)) continue;
      text.remove_prefix(space.size());
      found = true;
      break;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace hasten::data
