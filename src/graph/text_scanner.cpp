#include "graph/text_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "graph/text_form.h"

namespace hasten::graph {

void TextScanner::fail_here(const std::string& what) const {
  const auto line =
      1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(position_), '\n');
  fail(ErrorCode::k_malformed, what, fmt::format("graph text, line {}", line));
}

void TextScanner::skip_blanks() {
  while (position_ < text_.size()) {
    const char next = text_[position_];
    if (next == '#') {
      position_ = std::min(text_.find('\n', position_), text_.size());
    } else if (next == ' ' || next == '\t' || next == '\r' ||
               (next == '\n' && bracket_depth_ > 0)) {
      ++position_;
    } else {
      return;
    }
  }
}

char TextScanner::peek() {
  skip_blanks();
  return position_ < text_.size() ? text_[position_] : '\0';
}

bool TextScanner::take(char expected) {
  if (peek() != expected) return false;
  ++position_;
  return true;
}

bool TextScanner::take(std::string_view expected) {
  skip_blanks();
  if (!text_.substr(position_).starts_with(expected)) return false;
  position_ += expected.size();
  return true;
}

void TextScanner::expect(char expected) {
  if (!take(expected)) fail_here(fmt::format("'{}' is expected", expected));
}

void TextScanner::skip_separators() {
  while (take('\n') || take(';')) {
  }
}

void TextScanner::expect_statement_end() {
  const char next = peek();
  if (next != '\0' && next != '\n' && next != ';' && next != '}') {
    fail_here(fmt::format("'{}' comes where the statement should end", next));
  }
}

std::string TextScanner::take_quoted() {
  expect('"');
  const std::size_t start = position_ - 1;
  while (position_ < text_.size() && text_[position_] != '"')
    position_ += text_[position_] == '\\' ? 2 : 1;
  if (position_ >= text_.size()) {
    position_ = text_.size();
    fail_here("a quoted text does not end");
  }
  ++position_;
  const std::string_view quoted = text_.substr(start, position_ - start);
  return Json::parse(quoted, "graph text").as_string("a quoted text");
}

std::string TextScanner::take_name() {
  if (peek() == '"') return take_quoted();
  const std::size_t end =
      std::min(text_.find_first_not_of(text_form::k_name_characters, position_), text_.size());
  if (end == position_) fail_here("a name is expected");
  const std::size_t start = std::exchange(position_, end);
  return std::string(text_.substr(start, end - start));
}

std::string TextScanner::take_number() {
  skip_blanks();
  const std::size_t end =
      std::min(text_.find_first_not_of("0123456789+-.einfa", position_), text_.size());
  if (end == position_) fail_here("a number is expected");
  const std::size_t start = std::exchange(position_, end);
  return std::string(text_.substr(start, end - start));
}

std::int64_t TextScanner::take_integer() {
  const std::string digits = take_number();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    fail_here(fmt::format("\"{}\" is not an integer", digits));
  }
  return value;
}

void TextScanner::open_bracket(char bracket) {
  expect(bracket);
  ++bracket_depth_;
}

void TextScanner::close_bracket(char bracket) {
  expect(bracket);
  --bracket_depth_;
}

int TextScanner::suspend_brackets() {
  return std::exchange(bracket_depth_, 0);
}

}  // namespace hasten::graph
