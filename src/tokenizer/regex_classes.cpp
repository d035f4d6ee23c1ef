#include "tokenizer/regex_classes.h"

#include <fmt/format.h>

#include <iterator>
#include <unordered_map>

#include "tokenizer/unicode/scripts.h"
#include "tokenizer/unicode/unicode.h"

namespace hasten::tokenizer {
namespace {

using unicode::Category;

// The long name, then the short ones of the categories that it takes together.
const std::unordered_map<std::string_view, std::string_view>& long_names() {
  static const std::unordered_map<std::string_view, std::string_view> names = {
      {"letter", "l"},
      {"uppercaseletter", "lu"},
      {"lowercaseletter", "ll"},
      {"titlecaseletter", "lt"},
      {"modifierletter", "lm"},
      {"otherletter", "lo"},
      {"mark", "m"},
      {"nonspacingmark", "mn"},
      {"spacingmark", "mc"},
      {"enclosingmark", "me"},
      {"number", "n"},
      {"decimalnumber", "nd"},
      {"letternumber", "nl"},
      {"othernumber", "no"},
      {"punctuation", "p"},
      {"punct", "p"},
      {"connectorpunctuation", "pc"},
      {"dashpunctuation", "pd"},
      {"openpunctuation", "ps"},
      {"closepunctuation", "pe"},
      {"initialpunctuation", "pi"},
      {"finalpunctuation", "pf"},
      {"otherpunctuation", "po"},
      {"symbol", "s"},
      {"mathsymbol", "sm"},
      {"currencysymbol", "sc"},
      {"modifiersymbol", "sk"},
      {"othersymbol", "so"},
      {"separator", "z"},
      {"spaceseparator", "zs"},
      {"lineseparator", "zl"},
      {"paragraphseparator", "zp"},
      {"other", "c"},
      {"control", "cc"},
      {"format", "cf"},
      {"privateuse", "co"},
  };
  return names;
}

// In the order of Category, from its second value.
constexpr std::string_view k_short_names[] = {
    "lu", "ll", "lt", "lm", "lo", "mn", "mc", "me", "nd", "nl", "no", "pc", "pd", "ps",
    "pe", "pi", "pf", "po", "sm", "sc", "sk", "so", "zs", "zl", "zp", "cc", "cf", "co"};

std::string normalized(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '-' || c == '_') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

// A bit for each category whose short name starts with `prefix`: one letter or both.
std::uint32_t categories_of(std::string_view prefix) {
  std::uint32_t mask = prefix == "c" ? 1 : 0;
  for (std::size_t i = 0; i < std::size(k_short_names); ++i) {
    if (k_short_names[i].starts_with(prefix)) mask |= 1u << (i + 1);
  }
  return mask;
}

CodePointTest in_categories(std::uint32_t mask) {
  return [mask](char32_t code) {
    return (mask >> static_cast<unsigned>(unicode::category(code)) & 1) != 0;
  };
}

CodePointTest has_category_flag(unsigned flag) {
  return [flag](char32_t code) { return (unicode::category_record(code) & flag) != 0; };
}

CodePointTest has_flag(unicode::Flag flag) {
  return [flag](char32_t code) { return unicode::has(code, flag); };
}

bool is_alphanumeric(char32_t code) {
  return (unicode::category_record(code) & unicode::k_alphabetic) != 0 ||
         unicode::category(code) == Category::k_nd;
}

bool is_hexadecimal(char32_t code) {
  return (code >= '0' && code <= '9') ||
         ((code | 0x20) >= 'a' && (code | 0x20) <= 'f' && code < 128);
}

bool is_latin_number(char32_t code) {
  return code == 0xB2 || code == 0xB3 || code == 0xB9 || (code >= 0xBC && code <= 0xBE);
}

// Those that a property and a class in brackets share.
std::optional<CodePointTest> find_common(std::string_view name) {
  if (name == "alpha" || name == "alphabetic") return has_category_flag(unicode::k_alphabetic);
  if (name == "upper" || name == "uppercase") return has_category_flag(unicode::k_uppercase);
  if (name == "lower" || name == "lowercase") return has_category_flag(unicode::k_lowercase);
  if (name == "space" || name == "whitespace") return has_flag(unicode::k_white_space);
  if (name == "alnum") return is_alphanumeric;
  if (name == "digit") return has_flag(unicode::k_decimal);
  return std::nullopt;
}

}  // namespace

std::optional<CodePointTest> find_property(std::string_view name) {
  const std::string wanted = normalized(name);
  if (auto common = find_common(wanted)) return common;
  if (const unsigned number = unicode::script_number(wanted)) {
    return [number](char32_t code) { return unicode::script(code) == number; };
  }
  const auto found = long_names().find(wanted);
  const std::string_view category = found == long_names().end() ? wanted : found->second;
  const std::uint32_t mask = category.empty() ? 0 : categories_of(category);
  return mask == 0 ? std::nullopt : std::optional(in_categories(mask));
}

std::optional<CodePointTest> find_posix_class(std::string_view name) {
  if (name == "punct") return in_categories(categories_of("p") | categories_of("s"));
  if (name == "word") return find_escape_class('w', true);
  if (name == "alpha" || name == "upper" || name == "lower" || name == "space" || name == "alnum" ||
      name == "digit") {
    return find_common(name);
  }
  return std::nullopt;
}

std::optional<CodePointTest> find_escape_class(char letter, bool in_bracket) {
  switch (letter) {
    case 'd':
      return has_flag(unicode::k_decimal);
    case 's':
      return has_flag(unicode::k_white_space);
    case 'h':
      return is_hexadecimal;
    case 'w':
      if (!in_bracket) return has_flag(unicode::k_regex_word);
      return [](char32_t code) {
        return unicode::has(code, unicode::k_regex_word) && !is_latin_number(code);
      };
    default:
      return std::nullopt;
  }
}

std::string class_ranges(const CodePointTest& test, bool negated) {
  std::string out;
  char32_t first = 0;
  bool inside = false;
  for (char32_t code = 0; code <= unicode::k_limit; ++code) {
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    const bool member = code < unicode::k_limit && !surrogate && test(code) != negated;
    if (member && !inside) first = code;
    if (!member && inside) {
      out += fmt::format("\\x{{{:X}}}-\\x{{{:X}}}", static_cast<unsigned>(first),
                         static_cast<unsigned>(code - 1));
    }
    inside = member;
  }
  return out;
}

}  // namespace hasten::tokenizer
