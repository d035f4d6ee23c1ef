#include "tokenizer/bertweet/normalize_tweet.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <utility>

#include "tokenizer/bertweet/emoji_2_14_1.h"
#include "tokenizer/bertweet/html_entities.h"
#include "tokenizer/bertweet/tweet_characters.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer::bertweet {
namespace {

constexpr char32_t k_apostrophe = U'\u2019';
constexpr char32_t k_ellipsis = U'\u2026';

using Replacement = std::pair<std::string_view, std::string_view>;

// In the order in which they are made, each over the whole text.
constexpr Replacement k_cannot = {"cannot ", "can not "};
constexpr Replacement k_contractions[] = {
    {"n't ", " n't "}, {"n 't ", " n't "}, {"ca n't", "can't"}, {"ai n't", "ain't"},
    {"'m ", " 'm "},   {"'re ", " 're "},  {"'s ", " 's "},     {"'ll ", " 'll "},
    {"'d ", " 'd "},   {"'ve ", " 've "},
};
constexpr std::string_view k_half_of_day = " . m";
constexpr Replacement k_halves_of_day[] = {
    {" p . m .", "  p.m."}, {" p . m ", " p.m "}, {" a . m .", " a.m."}, {" a . m ", " a.m "}};

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

using EmojiNames = std::span<const tables::NamedCode>;

void append_single(char32_t code, EmojiNames names, std::string& out) {
  if (code == k_apostrophe) {
    out.push_back('\'');
    return;
  }
  if (code == k_ellipsis) {
    out.append("...");
    return;
  }
  const auto emoji = std::lower_bound(
      names.begin(), names.end(), code,
      [](const tables::NamedCode& named, char32_t wanted) { return named.code < wanted; });
  if (emoji != names.end() && emoji->code == code) {
    out.append(emoji->name);
  } else {
    append_code_point(out, code);
  }
}

void append_token(std::u32string_view token, EmojiNames names, std::string& out) {
  if (token[0] == U'@') {
    out.append("@USER");
  } else if (starts_with_ignoring_case(token, "http") || starts_with_ignoring_case(token, "www")) {
    out.append("HTTPURL");
  } else if (token.size() == 1) {
    append_single(token[0], names, out);
  } else {
    for (const char32_t code : token) append_code_point(out, code);
  }
}

std::size_t find(const std::string& text, std::string_view wanted, std::size_t from = 0) {
  const void* found = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found == nullptr ? std::string::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// text.replace(), by way of `spare`.
void replace_all(const Replacement& replacement, std::string& text, std::string& spare) {
  const auto [from, to] = replacement;
  std::size_t found = find(text, from);
  if (found == std::string::npos) return;
  spare.clear();
  std::size_t done = 0;
  for (; found != std::string::npos; found = find(text, from, done)) {
    spare.append(text, done, found - done).append(to);
    done = found + from.size();
  }
  spare.append(text, done);
  text.swap(spare);
}

// Only what a replacement needs makes it worth a search: none makes that of another.
void replace_contractions(std::string& text, std::string& spare) {
  replace_all(k_cannot, text, spare);
  if (text.find('\'') != std::string::npos) {
    for (const Replacement& replacement : k_contractions) replace_all(replacement, text, spare);
  }
  if (find(text, k_half_of_day) != std::string::npos) {
    for (const Replacement& replacement : k_halves_of_day) replace_all(replacement, text, spare);
  }
}

// By the first byte of a code point: whether it is white space of Python's, or may be.
enum class Space : std::uint8_t { k_no, k_yes, k_maybe };

constexpr std::array<Space, 256> k_spaces = [] {
  std::array<Space, 256> out{};
  for (const unsigned byte :
       {0x09u, 0x0Au, 0x0Bu, 0x0Cu, 0x0Du, 0x1Cu, 0x1Du, 0x1Eu, 0x1Fu, 0x20u}) {
    out[byte] = Space::k_yes;
  }
  for (const unsigned byte : {0xC2u, 0xE1u, 0xE2u, 0xE3u}) out[byte] = Space::k_maybe;
  return out;
}();

// The bytes of white space at `at`; 0 where there is none.
std::size_t space_length(std::string_view text, std::size_t at) {
  const Space space = k_spaces[static_cast<unsigned char>(text[at])];
  if (space != Space::k_maybe) return space == Space::k_yes ? 1 : 0;
  const char* cursor = text.data() + at;
  return is(next_code_point(cursor), k_python_space)
             ? static_cast<std::size_t>(cursor - text.data()) - at
             : 0;
}

// " ".join(text.split())
void squeeze_spaces(const std::string& text, std::string& out) {
  out.clear();
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t length = space_length(text, at)) {
      at += length;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && space_length(text, at) == 0) ++at;
    if (!out.empty()) out.push_back(' ');
    out.append(text, begin, at - begin);
  }
}

}  // namespace

TweetNormalizer::TweetNormalizer(EmojiVersion emoji)
    : emoji_(emoji == EmojiVersion::k_0_6_0 ? EmojiNames(tables::k_emoji)
                                            : EmojiNames(tables::k_emoji_2_14_1)) {}

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
    append_token(token, emoji_, joined_);
  }
  replace_contractions(joined_, replaced_);
  squeeze_spaces(joined_, replaced_);
  return replaced_;
}

}  // namespace hasten::tokenizer::bertweet
