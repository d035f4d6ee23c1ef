#include "tokenizer/bertweet/html_entities.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "tokenizer/bertweet/tweet_characters.h"

namespace hasten::tokenizer::bertweet {
namespace {

constexpr char32_t k_limit = 0x110000;
constexpr std::size_t k_max_digits = 4300;  // of Python's int(), in base 10

// Windows-1252's characters for 0x80 to 0x9F; 0 where it has none.
constexpr char32_t k_windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// The value of a digit as Python's int() takes it: any decimal digit, and letters up to the base.
std::optional<unsigned> digit_value(char32_t code, unsigned base) {
  if (code < 128) {
    if (code >= U'0' && code <= U'9') return code - U'0';
    const char32_t lower = code | 0x20;
    if (lower >= U'a' && lower < U'a' + base - 10) return lower - U'a' + 10;
    return std::nullopt;
  }
  const auto* after = std::upper_bound(std::begin(tables::k_decimal_zeros),
                                       std::end(tables::k_decimal_zeros), code);
  const std::uint32_t zero = *std::prev(after);  // the first is '0'
  return code - zero < 10 ? std::optional<unsigned>(code - zero) : std::nullopt;
}

// int(text, base): a sign, 0x for base 16, single underscores between digits. Values beyond k_limit
// count as k_limit, negative ones as nothing: neither is a code point.
std::optional<char32_t> parse_integer(std::u32string_view text, unsigned base) {
  bool negative = false;
  if (!text.empty() && (text[0] == U'+' || text[0] == U'-')) {
    negative = text[0] == U'-';
    text.remove_prefix(1);
  }
  bool digit_before = false;
  if (base == 16 && text.size() > 1 && digit_value(text[0], 10) == 0u && (text[1] | 0x20) == U'x') {
    text.remove_prefix(2);
    digit_before = true;  // an underscore may follow
  }
  if (text.empty() || text.back() == U'_') return std::nullopt;
  const auto underscores = std::count(text.begin(), text.end(), U'_');
  const bool too_long =
      base == 10 && text.size() - static_cast<std::size_t>(underscores) > k_max_digits;
  if (too_long) return std::nullopt;
  char32_t value = 0;
  for (const char32_t code : text) {
    if (code == U'_') {
      if (!digit_before) return std::nullopt;
      digit_before = false;
      continue;
    }
    const auto digit = digit_value(code, base);
    if (!digit) return std::nullopt;
    value = std::min<char32_t>(value * base + *digit, k_limit);
    digit_before = true;
  }
  if (negative && value != 0) return std::nullopt;
  return value;
}

std::optional<char32_t> numeric_entity(std::u32string_view body, unsigned base) {
  const auto number = parse_integer(body, base);
  if (!number || *number >= k_limit) return std::nullopt;
  if (*number < 0x80 || *number > 0x9F) return number;
  const char32_t code = k_windows_1252[*number - 0x80];
  return code == 0 ? std::nullopt : std::optional(code);
}

std::optional<char32_t> named_entity(std::u32string_view name) {
  const auto compare = [](const char* known, std::u32string_view wanted) {
    std::size_t i = 0;
    for (; known[i] != '\0' && i < wanted.size(); ++i) {
      const auto byte = static_cast<unsigned char>(known[i]);
      if (byte != wanted[i]) return byte < wanted[i] ? -1 : 1;
    }
    if (i < wanted.size()) return -1;
    return known[i] == '\0' ? 0 : 1;
  };
  const auto* found =
      std::lower_bound(std::begin(tables::k_entities), std::end(tables::k_entities), name,
                       [&](const tables::NamedCode& entity, std::u32string_view wanted) {
                         return compare(entity.name, wanted) < 0;
                       });
  if (found == std::end(tables::k_entities) || compare(found->name, name) != 0) return std::nullopt;
  return found->code;
}

// &(#?(x?))([^&;\s]+); -- what is optional is given back where the body would be empty.
std::optional<char32_t> decode(std::u32string_view content) {
  std::size_t prefix = content.size() > 1 && content[0] == U'#' ? 1 : 0;
  bool hexadecimal = false;
  if (content.size() > prefix + 1 && content[prefix] == U'x') {
    hexadecimal = true;
    ++prefix;
  }
  if (prefix == 0) return named_entity(content);
  return numeric_entity(content.substr(prefix), hexadecimal ? 16 : 10);
}

}  // namespace

void replace_html_entities(std::u32string_view text, std::u32string& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t ampersand = std::min(text.find(U'&', at), text.size());
    out.append(text.substr(at, ampersand - at));
    at = ampersand;
    if (at == text.size()) break;
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != U'&' && text[end] != U';' && !is_space(text[end])) {
      ++end;
    }
    if (end == at + 1 || end == text.size() || text[end] != U';') {
      out.append(text.substr(at, end - at));
      at = end;
      continue;
    }
    if (const auto code = decode(text.substr(at + 1, end - at - 1))) out.push_back(*code);
    at = end + 1;
  }
}

}  // namespace hasten::tokenizer::bertweet
