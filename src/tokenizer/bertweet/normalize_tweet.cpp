#include "tokenizer/bertweet/normalize_tweet.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tokenizer/bertweet/html_entities.h"
#include "tokenizer/bertweet/tweet_characters.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer::bertweet {
namespace {

constexpr char32_t k_apostrophe = U'\u2019';
constexpr char32_t k_ellipsis = U'\u2026';

// In the order in which they are made, each over the whole text.
constexpr std::pair<std::string_view, std::string_view> k_replacements[] = {
    {"cannot ", "can not "}, {"n't ", " n't "},        {"n 't ", " n't "},
    {"ca n't", "can't"},     {"ai n't", "ain't"},      {"'m ", " 'm "},
    {"'re ", " 're "},       {"'s ", " 's "},          {"'ll ", " 'll "},
    {"'d ", " 'd "},         {"'ve ", " 've "},        {" p . m .", "  p.m."},
    {" p . m ", " p.m "},    {" a . m .", " a.m."},    {" a . m ", " a.m "},
};

void decode_with_plain_marks(std::string_view tweet, std::u32string& out) {
  const char* cursor = tweet.data();
  const char* const end = cursor + tweet.size();
  while (cursor != end) {
    const char32_t code = next_code_point(cursor);
    if (code == k_apostrophe) {
      out.push_back(U'\'');
    } else if (code == k_ellipsis) {
      out.append(U"...");
    } else {
      out.push_back(code);
    }
  }
}

// What repeats four times or more comes three times, ASCII letters and digits apart.
void shorten_runs(std::u32string& text) {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = text[at];
    std::size_t end = at;
    while (end < text.size() && text[end] == code) ++end;
    const bool alphanumeric =
        is_ascii_digit(code) || (code < 128 && (code | 0x20) >= U'a' && (code | 0x20) <= U'z');
    std::size_t length = end - at;
    if (!alphanumeric) length = std::min<std::size_t>(length, 3);
    std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(kept), length, code);
    kept += length;
    at = end;
  }
  text.resize(kept);
}

bool starts_with_ignoring_case(std::u32string_view token, std::string_view start) {
  if (token.size() < start.size()) return false;
  return std::equal(start.begin(), start.end(), token.begin(), [](char wanted, char32_t code) {
    return code < 128 && (code | 0x20) == static_cast<char32_t>(wanted);
  });
}

void append_single(char32_t code, std::string& out) {
  if (code == k_apostrophe) {
    out.push_back('\'');
    return;
  }
  if (code == k_ellipsis) {
    out.append("...");
    return;
  }
  const auto* emoji = std::lower_bound(
      std::begin(tables::k_emoji), std::end(tables::k_emoji), code,
      [](const tables::NamedCode& named, char32_t wanted) { return named.code < wanted; });
  if (emoji != std::end(tables::k_emoji) && emoji->code == code) {
    out.append(emoji->name);
  } else {
    append_code_point(out, code);
  }
}

void append_token(std::u32string_view token, std::string& out) {
  if (token[0] == U'@') {
    out.append("@USER");
  } else if (starts_with_ignoring_case(token, "http") || starts_with_ignoring_case(token, "www")) {
    out.append("HTTPURL");
  } else if (token.size() == 1) {
    append_single(token[0], out);
  } else {
    for (const char32_t code : token) append_code_point(out, code);
  }
}

// str.replace(): false, leaving `out` alone, when there is nothing to replace.
bool replace_all(const std::string& text, std::string_view from, std::string_view to,
                 std::string& out) {
  std::size_t found = text.find(from);
  if (found == std::string::npos) return false;
  out.clear();
  std::size_t done = 0;
  for (; found != std::string::npos; found = text.find(from, done)) {
    out.append(text, done, found - done).append(to);
    done = found + from.size();
  }
  out.append(text, done);
  return true;
}

// " ".join(text.split())
void squeeze_spaces(const std::string& text, std::string& out) {
  out.clear();
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  bool pending = false;
  while (cursor != end) {
    const char* const at = cursor;
    if (is(next_code_point(cursor), k_python_space)) {
      pending = !out.empty();
      continue;
    }
    if (pending) out.push_back(' ');
    pending = false;
    out.append(at, cursor);
  }
}

}  // namespace

std::string_view TweetNormalizer::normalize(std::string_view tweet) {
  decoded_.clear();
  decode_with_plain_marks(tweet, decoded_);
  plain_.clear();
  replace_html_entities(decoded_, plain_);
  shorten_runs(plain_);
  splitter_.reset(plain_);
  joined_.clear();
  bool first = true;
  for (std::u32string_view token; splitter_.next(token); first = false) {
    if (!first) joined_.push_back(' ');
    append_token(token, joined_);
  }
  for (const auto& [from, to] : k_replacements) {
    if (replace_all(joined_, from, to, replaced_)) joined_.swap(replaced_);
  }
  squeeze_spaces(joined_, replaced_);
  return replaced_;
}

}  // namespace hasten::tokenizer::bertweet
