// Characters and words of the text form (dump.h), for its parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hasten::graph {

// Every failure throws k_malformed with the line number. Blanks and comments before what is read
// are skipped; line ends too while inside brackets.
class TextScanner {
 public:
  explicit TextScanner(std::string_view text) : text_(text) {}

  [[noreturn]] void fail_here(const std::string& what) const;

  // The next character, or '\0' at the end.
  char peek();
  bool take(char expected);  // true and past it when it comes next
  bool take(std::string_view expected);
  void expect(char expected);  // throws when it does not come next
  // Line ends and semicolons.
  void skip_separators();
  // Throws unless a line end, a semicolon, a closing brace or the end comes next.
  void expect_statement_end();

  // A bare or quoted name.
  std::string take_name();
  std::string take_quoted();
  // The characters of a number, "nan" and "inf" included.
  std::string take_number();
  std::int64_t take_integer();

  // Line ends are blanks between open_bracket() and close_bracket().
  void open_bracket(char bracket);
  void close_bracket(char bracket);
  // Line ends count again: a body of its own. Returns what restore_lines() takes.
  int suspend_brackets();
  void restore_brackets(int depth) { bracket_depth_ = depth; }

  std::size_t position() const { return position_; }
  void rewind(std::size_t position) { position_ = position; }

 private:
  void skip_blanks();

  std::string_view text_;
  std::size_t position_ = 0;
  int bracket_depth_ = 0;
};

}  // namespace hasten::graph
