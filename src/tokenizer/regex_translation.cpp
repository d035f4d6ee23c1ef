#include "tokenizer/regex_translation.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <vector>

#include "base/error.h"
#include "tokenizer/regex_classes.h"
#include "tokenizer/unicode/unicode.h"

namespace hasten::tokenizer {
namespace {

class Translation {
 public:
  explicit Translation(std::string_view pattern) : pattern_(pattern) {}

  std::string run() {
    // Oniguruma's anchors are those of lines. At the start of a pattern both engines take it alike, but
    // for empty matches behind the text's last line end.
    if (peek() == '^') translate_line_start();
    while (at_ < pattern_.size()) translate_one();
    if (!ignores_case_.empty()) refuse("a group that is not closed");
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

  bool ignores_case() const { return !ignores_case_.empty() && ignores_case_.back(); }

  void translate_line_start() {
    if (pattern_.find('|') != std::string_view::npos) refuse("an anchor");
    out_ += "(?m:^)";
    ++at_;
    if (std::string_view("*+?{").find(peek()) != std::string_view::npos)
      refuse("an anchor repeated");
  }

  void translate_one() {
    const char c = peek();
    switch (c) {
      case '\\':
        translate_escape(false);
        return;
      case '[':
        translate_bracket();
        return;
      case '(':
        open_group();
        return;
      case ')':
        close_group();
        return;
      case '^':
        refuse("an anchor");
      case '$':
        out_ += "(?m:$)";
        ++at_;
        return;
      case '*':
      case '+':
      case '?':
        translate_quantifier(1);
        return;
      case '{':
        translate_braces();
        return;
      default:
        translate_literal();
    }
  }

  // Where case is ignored some letters stand for two ("ss" for U+00DF), which RE2 does not know.
  void translate_literal() {
    const char c = peek();
    if (ignores_case()) {
      const char lower = static_cast<char>(peek(1) | 0x20);
      const bool ligature = ((c | 0x20) == 'f' && (lower == 'f' || lower == 'i' || lower == 'l')) ||
                            ((c | 0x20) == 's' && (lower == 's' || lower == 't'));
      if (ligature || static_cast<unsigned char>(c) > 127) {
        refuse("letters without regard to case that stand for others");
      }
    }
    out_ += c;
    ++at_;
  }

  void translate_quantifier(std::size_t length) {
    if (out_.empty() || out_.back() == '|' || (out_.ends_with("(?:"))) refuse("a stray quantifier");
    out_.append(pattern_.substr(at_, length));
    at_ += length;
    if (peek() == '?') {
      out_ += '?';
      ++at_;
    }
    if (peek() == '+' || peek() == '*' || peek() == '?')
      refuse("a possessive or doubled quantifier");
  }

  // {n}, {n,} and {n,m}; anything else is a literal brace in one engine and an error in the other.
  void translate_braces() {
    const std::size_t close = pattern_.find('}', at_);
    const bool counts =
        close != std::string_view::npos && close > at_ + 1 && peek(1) != ',' &&
        pattern_.substr(at_ + 1, close - at_ - 1).find_first_not_of("0123456789,") ==
            std::string_view::npos;
    if (!counts) refuse("a stray brace");
    const bool fixed = pattern_.substr(at_, close - at_).find(',') == std::string_view::npos;
    if (fixed && close + 1 < pattern_.size() && pattern_[close + 1] == '?')
      refuse("a doubled quantifier");
    translate_quantifier(close - at_ + 1);
  }

  void open_group() {
    if (ignores_case_.size() == k_max_depth) refuse("groups nested too deeply");
    ++at_;
    const std::string_view rest = pattern_.substr(at_);
    const bool ignoring = rest.starts_with("?i:");
    if (!rest.starts_with("?")) {
      out_ += "(?:";
    } else if (rest.starts_with("?:")) {
      out_ += "(?:";
      at_ += 2;
    } else if (ignoring) {
      out_ += "(?i:";
      at_ += 3;
    } else {
      refuse("a look-around or a group of another kind");
    }
    ignores_case_.push_back(ignoring || ignores_case());
  }

  void close_group() {
    if (ignores_case_.empty()) refuse("a stray parenthesis");
    ignores_case_.pop_back();
    out_ += ')';
    ++at_;
  }

  void put_class(std::string name, const CodePointTest& test, bool negated, bool in_bracket) {
    if (ignores_case()) refuse("a class without regard to case");
    name += negated ? '-' : '+';
    auto& ranges = ranges_[name + (in_bracket ? 'i' : 'o')];
    if (ranges.empty()) ranges = class_ranges(test, negated);
    out_ += in_bracket ? ranges : "[" + ranges + "]";
  }

  // \p{L}, \p{^L}, \P{L}
  void translate_property(bool negated, bool in_bracket) {
    const std::size_t close = pattern_.find('}', at_);
    if (peek(2) != '{' || close == std::string_view::npos) refuse("an unfinished property");
    std::string_view name = pattern_.substr(at_ + 3, close - at_ - 3);
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    const auto test = find_property(name);
    if (!test) refuse(fmt::format("the property '{}'", name));
    at_ = close + 1;
    put_class("p" + std::string(name), *test, negated, in_bracket);
  }

  // \x41 and \u0041. With braces there may be several in Oniguruma.
  void translate_number() {
    const std::size_t digits = peek(1) == 'u' ? 4 : 2;
    const std::string_view text = pattern_.substr(std::min(at_ + 2, pattern_.size()), digits);
    unsigned code = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), code, 16);
    if (text.size() != digits || parsed.ptr != text.data() + digits ||
        (digits == 2 && code > 127) || ignores_case()) {
      refuse(fmt::format("the escape '\\{}'", peek(1)));
    }
    out_ += fmt::format("\\x{{{:X}}}", code);
    at_ += 2 + digits;
  }

  // Control characters, and punctuation that stands for itself.
  static bool is_same_elsewhere(char c) {
    if (std::string_view("nrtfav").find(c) != std::string_view::npos) return true;
    return c > ' ' && c < '\x7F' && k_alphanumeric.find(c) == std::string_view::npos;
  }

  void translate_escape(bool in_bracket) {
    const char c = peek(1);
    const char lower = static_cast<char>(c | 0x20);
    if (const auto test = find_escape_class(lower, in_bracket)) {
      at_ += 2;
      put_class({lower}, *test, c != lower, in_bracket);
    } else if (c == 'p' || c == 'P') {
      translate_property(c == 'P', in_bracket);
    } else if (c == 'x' || c == 'u') {
      translate_number();
    } else if (is_same_elsewhere(c)) {
      out_ += {'\\', c};
      at_ += 2;
    } else {
      refuse(fmt::format("the escape '\\{}'", c));
    }
  }

  // [:alpha:] and [:^alpha:]
  void translate_posix_class() {
    const std::size_t close = pattern_.find(":]", at_);
    std::string_view name = pattern_.substr(at_ + 2, std::min(close, pattern_.size()) - at_ - 2);
    const bool negated = name.starts_with('^');
    if (negated) name.remove_prefix(1);
    const auto test = close == std::string_view::npos ? std::nullopt : find_posix_class(name);
    if (!test) refuse(fmt::format("the class '{}'", name));
    at_ = close + 2;
    put_class(":" + std::string(name), *test, negated, true);
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
      const bool is_posix = peek() == '[' && peek(1) == ':';
      if ((peek() == '[' && !is_posix) || (peek() == '&' && peek(1) == '&') ||
          (first && peek() == '-')) {
        refuse("a bracket within a bracket, or an odd one");
      }
      if (peek() == '\\') {
        translate_escape(true);
      } else if (is_posix) {
        translate_posix_class();
      } else {
        if (ignores_case() && static_cast<unsigned char>(peek()) > 127)
          refuse("a class without regard to case");
        out_ += peek();
        ++at_;
      }
    }
    if (out_.back() == '[' || out_.ends_with("[^")) refuse("an empty bracket");
    out_ += ']';
    ++at_;
  }

  static constexpr std::size_t k_max_depth = 100;
  static constexpr std::string_view k_alphanumeric =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::vector<bool> ignores_case_;  // of the groups that are open
  std::string out_;
  std::map<std::string, std::string> ranges_;  // by the class's name
};

}  // namespace

std::string translate_regex(std::string_view pattern) {
  return Translation(pattern).run();
}

}  // namespace hasten::tokenizer
