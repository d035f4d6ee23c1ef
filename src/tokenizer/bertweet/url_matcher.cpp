// The expression, in the order in which it is tried (NLTK, after John Gruber):
//   head: https?:(?:/{1,3}|[a-z0-9%]) | [a-z0-9.\-]+[.](?:[a-z]{2,13})/
//   then one or more groups: [^\s()<>{}\[\]]+ | \([^\s()]*?\([^\s()]+\)[^\s()]*?\) | \([^\s]+?\)
//   then an end: either group in parentheses | [^\s`!()\[\]{};:'".,<>?«»“”‘’]
// or a bare domain:
//   (?<!@)[a-z0-9]+(?:[.\-][a-z0-9]+)*[.](?:[a-z]{2,13})\b/?(?!@)
#include "tokenizer/bertweet/url_matcher.h"

#include <algorithm>

#include "tokenizer/bertweet/ascii_set.h"
#include "tokenizer/bertweet/tweet_characters.h"

namespace hasten::tokenizer::bertweet {
namespace {

constexpr std::size_t k_min_top_level = 2;
constexpr std::size_t k_max_top_level = 13;

bool is_run_character(char32_t code) {
  static constexpr AsciiSet others("()<>{}[]");
  return !others.contains(code);
}

bool is_end_character(char32_t code) {
  static constexpr AsciiSet others("`!()[]{};:'\".,<>?");
  return !others.contains(code) && code != U'\u00AB' && code != U'\u00BB' && code != U'\u201C' &&
         code != U'\u201D' && code != U'\u2018' && code != U'\u2019';
}

bool is_domain_character(char32_t code) {
  return is_latin_or_digit(code) || code == U'.' || code == U'-';
}

bool is_top_level(std::u32string_view label) {
  return label.size() >= k_min_top_level && label.size() <= k_max_top_level &&
         std::all_of(label.begin(), label.end(), is_latin_letter);
}

}  // namespace

void UrlMatcher::reset(std::u32string_view text) {
  text_ = text;
  run_ = {};
  chain_ = {};
  stretch_begin_ = stretch_end_ = 0;
}

std::size_t UrlMatcher::match(std::size_t at) {
  if (!is_domain_character(text_[at])) return k_no_match;
  if (const std::size_t end = match_scheme(at); end != k_no_match) return end;
  if (const std::size_t end = match_domain_with_slash(at); end != k_no_match) return end;
  return match_bare_domain(at);
}

std::size_t UrlMatcher::match_scheme(std::size_t at) {
  const auto code = [&](std::size_t i) { return i < text_.size() ? text_[i] : U'\0'; };
  const auto lower = [&](std::size_t i) { return code(i) < 128 ? code(i) | 0x20 : code(i); };
  if (lower(at) != U'h' || lower(at + 1) != U't' || lower(at + 2) != U't' ||
      lower(at + 3) != U'p') {
    return k_no_match;
  }
  at += 4;
  if (lower(at) == U's' || code(at) == U'\u017F') ++at;
  if (code(at++) != U':') return k_no_match;
  body(at);  // learns all that may be asked for below
  std::size_t slashes = 0;
  while (slashes < 3 && code(at + slashes) == U'/') ++slashes;
  for (; slashes > 0; --slashes) {
    if (const std::size_t end = body(at + slashes); end != k_no_match) return end;
  }
  const bool starts = at < text_.size() && (is_latin_or_digit(text_[at]) || text_[at] == U'%');
  return starts ? body(at + 1) : k_no_match;
}

std::size_t UrlMatcher::match_domain_with_slash(std::size_t at) {
  if (at >= run_.end) {
    run_.last_dot = k_no_match;
    for (run_.end = at; run_.end < text_.size() && is_domain_character(text_[run_.end]);
         ++run_.end) {
      if (text_[run_.end] == U'.') run_.last_dot = run_.end;
    }
  }
  const bool has_dot = run_.last_dot != k_no_match && run_.last_dot > at;
  if (!has_dot || run_.end == text_.size() || text_[run_.end] != U'/') return k_no_match;
  const std::size_t label = run_.last_dot + 1;
  if (!is_top_level(text_.substr(label, run_.end - label))) return k_no_match;
  return body(run_.end + 1);
}

// Reads the labels from `at` on and picks the last one that can be the top level: it ends where no
// word goes on, and no @ follows.
void UrlMatcher::read_chain(std::size_t at) {
  chain_ = {};
  std::size_t end = at;
  for (std::size_t separator = k_no_match;;) {
    const std::size_t label = end;
    while (end < text_.size() && is_latin_or_digit(text_[end])) ++end;
    if (separator != k_no_match && text_[separator] == U'.' &&
        is_top_level(text_.substr(label, end - label))) {
      const bool at_end = end == text_.size();
      const bool slash = !at_end && text_[end] == U'/';
      const bool slash_fits = slash && (end + 1 == text_.size() || text_[end + 1] != U'@');
      const bool bounded = at_end || !is_word(text_[end]);
      if (bounded && (at_end || text_[end] != U'@')) {
        chain_.dot = separator;
        chain_.match_end = slash_fits ? end + 1 : end;
      }
    }
    const bool goes_on = end + 1 < text_.size() && (text_[end] == U'.' || text_[end] == U'-') &&
                         is_latin_or_digit(text_[end + 1]);
    if (!goes_on) break;
    separator = end++;
  }
  chain_.end = end;
}

std::size_t UrlMatcher::match_bare_domain(std::size_t at) {
  if (!is_latin_or_digit(text_[at])) return k_no_match;
  if (at >= chain_.end) read_chain(at);
  if (chain_.dot == k_no_match || chain_.dot < at) return k_no_match;
  return at > 0 && text_[at - 1] == U'@' ? k_no_match : chain_.match_end;
}

std::size_t UrlMatcher::body(std::size_t at) {
  if (at >= text_.size() || is_space(text_[at])) return k_no_match;
  if (at < stretch_begin_ || at >= stretch_end_) learn_stretch(at);
  return position(at).body;
}

void UrlMatcher::learn_stretch(std::size_t at) {
  stretch_begin_ = stretch_end_ = at;
  while (stretch_end_ < text_.size() && !is_space(text_[stretch_end_])) ++stretch_end_;
  positions_.assign(stretch_end_ - stretch_begin_ + 1, Position());
  positions_.back().run_end = stretch_end_;
  for (std::size_t i = stretch_end_; i > stretch_begin_; --i) learn_position(i - 1);
}

// Everything after `at` is known.
void UrlMatcher::learn_position(std::size_t at) {
  Position& here = positions_[at - stretch_begin_];
  const Position& next = position(at + 1);
  const char32_t code = text_[at];
  here.run_end = at;
  if (is_run_character(code)) {
    here.run_end = next.run_end;
    if (here.run_end > at + 1) here.last_end_character = next.last_end_character;
    if (here.last_end_character == k_no_match && is_end_character(code)) {
      here.last_end_character = at;
    }
  }
  here.parenthesis = code == U'(' || code == U')' ? at : next.parenthesis;
  here.closing = code == U')' ? at : next.closing;
  here.good_closing = code == U')' && next.tail != k_no_match ? at : next.good_closing;
  here.body = body_at(at);
  here.tail = here.body != k_no_match ? here.body : end_at(at);
}

std::size_t UrlMatcher::body_at(std::size_t at) const {
  const Position& here = position(at);
  if (here.run_end > at) {
    // The longest run comes first, then what is left to an end of one character.
    if (const std::size_t end = position(here.run_end).tail; end != k_no_match) return end;
    const bool has_end = here.run_end > at + 1 && position(at + 1).last_end_character != k_no_match;
    return has_end ? position(at + 1).last_end_character + 1 : k_no_match;
  }
  if (text_[at] != U'(') return k_no_match;
  if (const std::size_t group = nested_group_end(at); group != k_no_match) {
    if (const std::size_t end = position(group).tail; end != k_no_match) return end;
  }
  if (at + 2 >= stretch_end_) return k_no_match;
  const std::size_t closing = position(at + 2).good_closing;
  return closing == k_no_match ? k_no_match : position(closing + 1).tail;
}

std::size_t UrlMatcher::end_at(std::size_t at) const {
  if (text_[at] != U'(') return is_end_character(text_[at]) ? at + 1 : k_no_match;
  if (const std::size_t group = nested_group_end(at); group != k_no_match) return group;
  if (at + 2 >= stretch_end_) return k_no_match;
  const std::size_t closing = position(at + 2).closing;
  return closing == k_no_match ? k_no_match : closing + 1;
}

// \([^\s()]*?\([^\s()]+\)[^\s()]*?\): which parentheses it takes leaves no choice.
std::size_t UrlMatcher::nested_group_end(std::size_t at) const {
  const std::size_t inner = position(at + 1).parenthesis;
  if (inner == k_no_match || text_[inner] != U'(') return k_no_match;
  const std::size_t inner_end = position(inner + 1).parenthesis;
  if (inner_end == k_no_match || text_[inner_end] != U')' || inner_end == inner + 1) {
    return k_no_match;
  }
  const std::size_t end = position(inner_end + 1).parenthesis;
  return end == k_no_match || text_[end] != U')' ? k_no_match : end + 1;
}

}  // namespace hasten::tokenizer::bertweet
