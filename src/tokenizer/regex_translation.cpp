#include "tokenizer/regex_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "tokenizer/unicode/unicode.h"

namespace hasten::tokenizer {
namespace {

// The ranges of the code points with a flag, or without it, as inside a bracket expression.
std::string class_ranges(unicode::Flag flag, bool negated) {
  std::string out;
  char32_t first = 0;
  bool inside = false;
  for (char32_t code = 0; code <= unicode::k_limit; ++code) {
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    const bool member =
        code < unicode::k_limit && !surrogate && unicode::has(code, flag) != negated;
    if (member && !inside) first = code;
    if (!member && inside) {
      out += fmt::format("\\x{{{:X}}}-\\x{{{:X}}}", static_cast<unsigned>(first),
                         static_cast<unsigned>(code - 1));
    }
    inside = member;
  }
  return out;
}

class Translation {
 public:
  explicit Translation(std::string_view pattern) : pattern_(pattern) {}

  std::string run() {
    while (at_ < pattern_.size()) translate_one();
    if (depth_ != 0) refuse("a group that is not closed");
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    fail(ErrorCode::k_unsupported,
         fmt::format("the tokenizer's regular expression has {}, which is not supported", what),
         std::string(pattern_), "it cannot be run in linear time, or not with the same meaning");
  }

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }

  void translate_one() {
    const char c = peek();
    switch (c) {
      case '\\': translate_escape(false); return;
      case '[': translate_bracket(); return;
      case '(': open_group(); return;
      case ')': close_group(); return;
      case '^':
      case '$': refuse("an anchor");
      case '*':
      case '+':
      case '?': translate_quantifier(1); return;
      case '{': translate_braces(); return;
      default: out_ += c; ++at_;
    }
  }

  void translate_quantifier(std::size_t length) {
    if (out_.empty() || out_.back() == '|' || (out_.ends_with("(?:"))) refuse("a stray quantifier");
    out_.append(pattern_.substr(at_, length));
    at_ += length;
    if (peek() == '?') {
      out_ += '?';
      ++at_;
    }
    if (peek() == '+' || peek() == '*' || peek() == '?') refuse("a possessive or doubled quantifier");
  }

  // {n}, {n,} and {n,m}; anything else is a literal brace in one engine and an error in the other.
  void translate_braces() {
    const std::size_t close = pattern_.find('}', at_);
    const bool counts = close != std::string_view::npos && close > at_ + 1 && peek(1) != ',' &&
                        pattern_.substr(at_ + 1, close - at_ - 1)
                                .find_first_not_of("0123456789,") == std::string_view::npos;
    if (!counts) refuse("a stray brace");
    translate_quantifier(close - at_ + 1);
  }

  void open_group() {
    if (++depth_ > k_max_depth) refuse("groups nested too deeply");
    ++at_;
    if (peek() != '?') {
      out_ += "(?:";
      return;
    }
    if (pattern_.substr(at_).starts_with("?:")) {
      out_ += "(?:";
      at_ += 2;
    } else if (pattern_.substr(at_).starts_with("?i:")) {
      out_ += "(?i:";
      at_ += 3;
    } else {
      refuse("a look-around or a group of another kind");
    }
  }

  void close_group() {
    if (--depth_ < 0) refuse("a stray parenthesis");
    out_ += ')';
    ++at_;
  }

  void put_class(unicode::Flag flag, bool negated, bool in_bracket) {
    auto& ranges = ranges_[{flag, negated}];
    if (ranges.empty()) ranges = class_ranges(flag, negated);
    out_ += in_bracket ? ranges : "[" + ranges + "]";
  }

  // \p{L}, \p{^L}, \P{L}, with the few properties that are measured.
  void translate_property(bool negated, bool in_bracket) {
    const std::size_t close = pattern_.find('}', at_);
    if (peek(2) != '{' || close == std::string_view::npos) refuse("an unfinished property");
    std::string_view name = pattern_.substr(at_ + 3, close - at_ - 3);
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    static const std::map<std::string_view, unicode::Flag> properties = {
        {"L", unicode::k_letter},  {"Letter", unicode::k_letter}, {"N", unicode::k_number},
        {"Number", unicode::k_number}, {"Nd", unicode::k_decimal}};
    const auto found = properties.find(name);
    if (found == properties.end()) refuse(fmt::format("the property '{}'", name));
    at_ = close + 1;
    put_class(found->second, negated, in_bracket);
  }

  void translate_escape(bool in_bracket) {
    const char c = peek(1);
    static const std::map<char, std::pair<unicode::Flag, bool>> classes = {
        {'s', {unicode::k_white_space, false}}, {'S', {unicode::k_white_space, true}},
        {'w', {unicode::k_regex_word, false}},  {'W', {unicode::k_regex_word, true}},
        {'d', {unicode::k_decimal, false}},     {'D', {unicode::k_decimal, true}}};
    if (const auto found = classes.find(c); found != classes.end()) {
      at_ += 2;
      put_class(found->second.first, found->second.second, in_bracket);
    } else if (c == 'p' || c == 'P') {
      translate_property(c == 'P', in_bracket);
    } else if (std::string_view("nrtfav").find(c) != std::string_view::npos && c != '\0') {
      out_ += {'\\', c};
      at_ += 2;
    } else if (c > ' ' && c < '\x7F' && std::string_view::npos == k_alphanumeric.find(c)) {
      out_ += {'\\', c};
      at_ += 2;
    } else {
      refuse(fmt::format("the escape '\\{}'", c));
    }
  }

  void translate_bracket() {
    out_ += '[';
    ++at_;
    if (peek() == '^') {
      out_ += '^';
      ++at_;
    }
    for (bool first = true; peek() != ']'; first = false) {
      if (at_ >= pattern_.size()) refuse("a bracket that is not closed");
      if (peek() == '[' || (peek() == '&' && peek(1) == '&') || (first && peek() == '-')) {
        refuse("a bracket within a bracket, or an odd one");
      }
      if (peek() == '\\') {
        translate_escape(true);
      } else {
        out_ += peek();
        ++at_;
      }
    }
    if (out_.back() == '[' || out_.ends_with("[^")) refuse("an empty bracket");
    out_ += ']';
    ++at_;
  }

  static constexpr int k_max_depth = 100;
  static constexpr std::string_view k_alphanumeric =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  std::string_view pattern_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string out_;
  std::map<std::pair<unicode::Flag, bool>, std::string> ranges_;
};

}  // namespace

std::string translate_regex(std::string_view pattern) { return Translation(pattern).run(); }

}  // namespace hasten::tokenizer
