#include "tokenizer/bertweet/tweet_splitter.h"

#include "tokenizer/bertweet/ascii_set.h"
#include "tokenizer/bertweet/tweet_characters.h"

namespace hasten::tokenizer::bertweet {
namespace {

constexpr AsciiSet k_eyes(":;=8");
constexpr AsciiSet k_noses("-oO*'");
constexpr AsciiSet k_mouths(")]([dDpP/:}{@|\\");
constexpr AsciiSet k_phone_separators(" *-.)");
constexpr AsciiSet k_email_marks(".+-");
constexpr AsciiSet k_number_separators(",/.:-");

bool is_eyes(char32_t code) {
  return k_eyes.contains(code);
}
bool is_nose(char32_t code) {
  return k_noses.contains(code);
}
bool is_mouth(char32_t code) {
  return k_mouths.contains(code);
}
bool is_brow(char32_t code) {
  return code == U'<' || code == U'>';
}
bool is_phone_separator(char32_t code) {
  return k_phone_separators.contains(code);
}
bool is_email_character(char32_t code) {
  return is_word(code) || k_email_marks.contains(code);
}
bool is_host_character(char32_t code) {
  return is_word(code) || code == U'-';
}
bool is_sign(char32_t code) {
  return code == U'+' || code == U'-';
}

}  // namespace

void TweetSplitter::reset(std::u32string_view text) {
  text_ = text;
  at_ = 0;
  urls_.reset(text);
  tag_ = {};
  email_ = {};
}

bool TweetSplitter::next(std::u32string_view& token) {
  for (; at_ < text_.size(); ++at_) {
    const std::size_t end = match(at_);
    if (end == k_no_match) continue;
    token = text_.substr(at_, end - at_);
    at_ = end;
    return true;
  }
  return false;
}

std::size_t TweetSplitter::match(std::size_t at) {
  const char32_t first = text_[at];
  std::size_t end = urls_.match(at);
  if (end == k_no_match) end = match_phone(at);
  if (end == k_no_match) end = match_emoticon(at);
  if (end == k_no_match) end = match_tag(at);
  if (end == k_no_match) end = match_arrow(at);
  if (end != k_no_match) return end;
  if (first == U'@' && is_word(code(at + 1)))
    return run_end(at + 1, [](char32_t c) { return is_word(c); });
  if (first == U'#') end = match_hashtag(at);
  if (end == k_no_match) end = match_email(at);
  if (end == k_no_match) end = match_hyphenated(at);
  if (end == k_no_match) end = match_number(at);
  if (end == k_no_match && is_word(first)) {
    end = run_end(at, [](char32_t c) { return is_word(c); });
  }
  if (end == k_no_match && first == U'.') end = match_ellipsis(at);
  if (end == k_no_match && !is_space(first)) end = at + 1;
  return end;
}

// \d{3}[ *\-.\)]*\d{4}
std::size_t TweetSplitter::match_phone_number(std::size_t at) const {
  const auto digits = [&](std::size_t from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(code(from + i))) return false;
    }
    return true;
  };
  if (!digits(at, 3)) return k_no_match;
  const std::size_t base = run_end(at + 3, is_phone_separator);
  return digits(base, 4) ? base + 4 : k_no_match;
}

// (?:\+?[01][ *\-.\)]*)?(?:[\(]?\d{3}[ *\-.\)]*)? and the number: what is optional is tried first.
std::size_t TweetSplitter::match_phone(std::size_t at) const {
  if (!is_digit(text_[at]) && text_[at] != U'+' && text_[at] != U'(') return k_no_match;
  const auto with_area = [&](std::size_t from) {
    const std::size_t area = from + (code(from) == U'(' ? 1 : 0);
    if (is_digit(code(area)) && is_digit(code(area + 1)) && is_digit(code(area + 2))) {
      const std::size_t end = match_phone_number(run_end(area + 3, is_phone_separator));
      if (end != k_no_match) return end;
    }
    return match_phone_number(from);
  };
  const std::size_t country = at + (text_[at] == U'+' ? 1 : 0);
  if (code(country) == U'0' || code(country) == U'1') {
    const std::size_t end = with_area(run_end(country + 1, is_phone_separator));
    if (end != k_no_match) return end;
  }
  return with_area(at);
}

std::size_t TweetSplitter::match_emoticon(std::size_t at) const {
  const std::size_t eyes = at + (is_brow(text_[at]) ? 1 : 0);
  if (is_eyes(code(eyes))) {
    const std::size_t mouth = eyes + (is_nose(code(eyes + 1)) ? 2 : 1);
    if (is_mouth(code(mouth))) return mouth + 1;
  }
  if (is_mouth(text_[at])) {
    const std::size_t after = at + (is_nose(code(at + 1)) ? 2 : 1);
    if (is_eyes(code(after))) return after + (is_brow(code(after + 1)) ? 2 : 1);
  }
  return text_[at] == U'<' && code(at + 1) == U'3' ? at + 2 : k_no_match;
}

// <[^>\s]+>
std::size_t TweetSplitter::match_tag(std::size_t at) {
  if (text_[at] != U'<') return k_no_match;
  if (at + 1 >= tag_.end) {
    tag_.end = run_end(at + 1, [](char32_t c) { return c != U'>' && !is_space(c); });
    tag_.result = code(tag_.end) == U'>' ? tag_.end + 1 : k_no_match;
  }
  return tag_.end > at + 1 ? tag_.result : k_no_match;
}

// [\-]+>|<[\-]+ -- a character comes at most three times in a row here.
std::size_t TweetSplitter::match_arrow(std::size_t at) const {
  const auto hyphen = [](char32_t c) { return c == U'-'; };
  if (text_[at] == U'-') {
    const std::size_t end = run_end(at, hyphen);
    return code(end) == U'>' ? end + 1 : k_no_match;
  }
  return text_[at] == U'<' && code(at + 1) == U'-' ? run_end(at + 1, hyphen) : k_no_match;
}

// \#+[\w_]+[\w\'_\-]*[\w_]+
std::size_t TweetSplitter::match_hashtag(std::size_t at) const {
  const std::size_t begin = run_end(at, [](char32_t c) { return c == U'#'; });
  if (!is_word(code(begin))) return k_no_match;
  std::size_t end =
      run_end(begin, [](char32_t c) { return is_word(c) || c == U'\'' || c == U'-'; });
  while (!is_word(text_[end - 1])) --end;
  return end > begin + 1 ? end : k_no_match;
}

// [\w.+-]+@[\w-]+\.(?:[\w-]\.?)+[\w-]
std::size_t TweetSplitter::match_email(std::size_t at) {
  if (!is_email_character(text_[at])) return k_no_match;
  if (at >= email_.end) {
    email_.end = run_end(at, [](char32_t c) { return is_email_character(c); });
    email_.result = code(email_.end) == U'@' ? match_email_host(email_.end + 1) : k_no_match;
  }
  return email_.result;
}

std::size_t TweetSplitter::match_email_host(std::size_t at) const {
  const std::size_t dot = run_end(at, is_host_character);
  if (dot == at || code(dot) != U'.') return k_no_match;
  std::size_t last = k_no_match;
  std::size_t characters = 0;
  for (std::size_t i = dot + 1; i < text_.size(); ++i) {
    if (is_host_character(text_[i])) {
      last = i;
      ++characters;
    } else if (text_[i] != U'.' || text_[i - 1] == U'.') {
      break;
    }
  }
  return characters >= 2 ? last + 1 : k_no_match;
}

// [^\W\d_](?:[^\W\d_]|['\-_])+[^\W\d_]
std::size_t TweetSplitter::match_hyphenated(std::size_t at) const {
  if (!is_letter(text_[at])) return k_no_match;
  std::size_t end =
      run_end(at, [](char32_t c) { return is_letter(c) || c == U'\'' || c == U'-' || c == U'_'; });
  while (!is_letter(text_[end - 1])) --end;
  return end >= at + 3 ? end : k_no_match;
}

// [+\-]?\d+[,/.:-]\d+[+\-]?
std::size_t TweetSplitter::match_number(std::size_t at) const {
  const std::size_t whole = at + (is_sign(text_[at]) ? 1 : 0);
  if (!is_digit(code(whole))) return k_no_match;
  const std::size_t separator = run_end(whole, is_digit);
  if (!k_number_separators.contains(code(separator)) || !is_digit(code(separator + 1)))
    return k_no_match;
  const std::size_t end = run_end(separator + 1, is_digit);
  return end + (is_sign(code(end)) ? 1 : 0);
}

// \.(?:\s*\.){1,}
std::size_t TweetSplitter::match_ellipsis(std::size_t at) const {
  std::size_t end = at + 1;
  while (true) {
    const std::size_t dot = run_end(end, is_space);
    if (code(dot) != U'.') break;
    end = dot + 1;
  }
  return end > at + 1 ? end : k_no_match;
}

}  // namespace hasten::tokenizer::bertweet
