#include "fidelity/text_traits.h"

#include <algorithm>
#include <vector>

namespace hasten::fidelity {
namespace {

bool any_byte(std::string_view text, bool (*holds)(unsigned char)) {
  return std::any_of(text.begin(), text.end(),
                     [&](char c) { return holds(static_cast<unsigned char>(c)); });
}

// ASCII and, by their lead bytes and parity, most upper-case Latin-1, Greek and Cyrillic letters.
bool has_upper_case(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (byte >= 'A' && byte <= 'Z') return true;
    if (byte == 0xC3 && next >= 0x80 && next <= 0x9E && next != 0x97) return true;
    if (byte == 0xCE && next >= 0x91 && next <= 0xA9) return true;
    if (byte == 0xD0 && next >= 0x80 && next <= 0xAF) return true;
  }
  return false;
}

// Letters of Latin-1 and Latin Extended-A, almost all of which have an accent.
bool has_accents(std::string_view text) {
  return any_byte(text, [](unsigned char c) { return c >= 0xC3 && c <= 0xC5; });
}

bool has_non_ascii(std::string_view text) {
  return any_byte(text, [](unsigned char c) { return c >= 0x80; });
}

bool has_four_byte_characters(std::string_view text) {
  return any_byte(text, [](unsigned char c) { return c >= 0xF0; });
}

bool has_links_or_mentions(std::string_view text) {
  return text.find('@') != std::string_view::npos || text.find("http") != std::string_view::npos;
}

bool has_outer_or_double_blanks(std::string_view text) {
  return text.empty() || text.front() == ' ' || text.back() == ' ' ||
         text.find("  ") != std::string_view::npos;
}

bool has_line_breaks(std::string_view text) {
  return text.find_first_of("\n\r\t") != std::string_view::npos;
}

bool has_markup(std::string_view text) {
  return text.find("&amp;") != std::string_view::npos ||
         text.find("&lt;") != std::string_view::npos || text.find("&gt;") != std::string_view::npos;
}

}  // namespace

std::span<const TextTrait> text_traits() {
  static const std::vector<TextTrait> k_traits = {
      {"tokenizer", "upper-case letters",
       "one side's tokenizer lower-cases and the other's does not", has_upper_case},
      {"tokenizer", "accented letters",
       "one side's tokenizer strips accents and the other's does not", has_accents},
      {"tokenizer", "emoji and other characters beyond the basic plane",
       "the two sides treat these differently", has_four_byte_characters},
      {"tokenizer", "characters beyond ASCII",
       "the two sides decode or normalise these differently", has_non_ascii},
      {"tokenizer", "mentions or links", "one side replaces these and the other does not",
       has_links_or_mentions},
      {"texts", "HTML entities", "one side decoded them and the other did not", has_markup},
      {"texts", "line breaks or tabs", "one side changed them and the other did not",
       has_line_breaks},
      {"texts", "blanks at an end or in a row", "one side stripped them and the other did not",
       has_outer_or_double_blanks},
  };
  return k_traits;
}

}  // namespace hasten::fidelity
