// Regular expressions out of tokenizer files, in time linear in the text.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Finds a text or a regular expression of Oniguruma's syntax. Immutable, used by many threads.
class Regex {
 public:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  virtual ~Regex() = default;

  // The first match that starts at `from` or later in valid UTF-8; false when there is none.
  virtual bool find(std::string_view text, std::size_t from, Match& match) const = 0;

  // Throws k_unsupported for an expression that cannot be run in linear time.
  static std::unique_ptr<const Regex> compile(const Pattern& pattern);
};

// Calls `handle(begin, end, is_match)` for the matches and what lies between, from left to right.
// An empty match at the end of the one before does not count.
template <typename Handle>
void for_each_match(const Regex& regex, std::string_view text, Handle&& handle) {
  std::size_t done = 0;
  std::size_t from = 0;
  bool any = false;
  for (Regex::Match match; from <= text.size() && regex.find(text, from, match);) {
    const bool empty = match.begin == match.end;
    if (empty) {
      from = match.end + 1;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
      if (any && match.end == done) continue;
    } else {
      from = match.end;
    }
    if (done < match.begin) handle(done, match.begin, false);
    handle(match.begin, match.end, true);
    done = match.end;
    any = true;
  }
  if (done < text.size()) handle(done, text.size(), false);
}

}  // namespace hasten::tokenizer
