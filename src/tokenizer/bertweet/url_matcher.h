// The URL rule of NLTK's tweet tokenizer, in time linear in the text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hasten::tokenizer::bertweet {

inline constexpr std::size_t k_no_match = static_cast<std::size_t>(-1);

// Finds what the backtracking regular expression would, from any start; keeps what it learned of the
// text, so that later starts cost little.
class UrlMatcher {
 public:
  // The text must outlive the use of the matcher. Starts are asked for in ascending order.
  void reset(std::u32string_view text);

  // The end of the URL or bare domain that starts at `at`, or k_no_match.
  std::size_t match(std::size_t at);

 private:
  // A stretch of [a-z0-9.-] and what URL heads need of it.
  struct DomainRun {
    std::size_t end = 0;  // starts before it know it
    std::size_t last_dot = k_no_match;
  };
  // Labels of [a-z0-9]+ with single dots or hyphens between.
  struct LabelChain {
    std::size_t end = 0;
    std::size_t dot = k_no_match;  // before the last label that can be the top level
    std::size_t match_end = 0;
  };

  std::size_t match_url(std::size_t at);
  std::size_t match_scheme(std::size_t at);
  std::size_t match_domain_with_slash(std::size_t at);
  std::size_t match_bare_domain(std::size_t at);
  void read_chain(std::size_t at);

  // A URL's body is one or more groups and an end; a tail is a body, or an end alone. What each
  // position of a stretch without white space gives:
  struct Position {
    std::size_t body = k_no_match;
    std::size_t tail = k_no_match;
    std::size_t run_end = 0;                      // of the characters that need no parentheses
    std::size_t last_end_character = k_no_match;  // of that run, from here on
    std::size_t parenthesis = k_no_match;         // the next one, from here on
    std::size_t closing = k_no_match;             // the next ')', from here on
    std::size_t good_closing = k_no_match;        // the next ')' that a tail follows
  };

  std::size_t body(std::size_t at);
  void learn_stretch(std::size_t at);
  void learn_position(std::size_t at);
  std::size_t body_at(std::size_t at) const;
  std::size_t end_at(std::size_t at) const;
  std::size_t nested_group_end(std::size_t at) const;
  const Position& position(std::size_t at) const { return positions_[at - stretch_begin_]; }

  std::u32string_view text_;
  DomainRun run_;
  LabelChain chain_;
  std::size_t stretch_begin_ = 0;
  std::size_t stretch_end_ = 0;
  std::vector<Position> positions_;  // of the stretch, and one past its end
};

}  // namespace hasten::tokenizer::bertweet
