#include "tokenizer/moses/normalize_punctuation.h"

#include <algorithm>
#include <span>

namespace hasten::tokenizer::moses {
namespace {

struct Replacement {
  std::u32string_view find, by;
};

// Where white space goes with brackets, before and after what closes them.
constexpr Replacement k_brackets[] = {{U"\r", U""}, {U"(", U" ("}, {U")", U") "}};
constexpr Replacement k_inside_brackets[] = {{U"( ", U"("}, {U" )", U")"}};
constexpr Replacement k_ticks[] = {{U" :", U":"}, {U" ;", U";"}, {U"`", U"'"}, {U"''", U" \" "}};
constexpr Replacement k_quotes[] = {{U"\u201E", U"\""},
                                    {U"\u201C", U"\""},
                                    {U"\u201D", U"\""},
                                    {U"\u2013", U"-"},
                                    {U"\u2014", U" - "}};
constexpr Replacement k_apostrophes[] = {{U"\u00B4", U"'"}, {U"\u2018", U"'"}, {U"\u201A", U"'"},
                                         {U"\u2019", U"'"}, {U"''", U"\""},    {U"\u2026", U"..."}};
// Guillemets, and no-break spaces where they are typography.
constexpr Replacement k_french[] = {{U"\u00A0\u00AB\u00A0", U"\""},
                                    {U"\u00AB\u00A0", U"\""},
                                    {U"\u00AB", U"\""},
                                    {U"\u00A0\u00BB\u00A0", U"\""},
                                    {U"\u00A0\u00BB", U"\""},
                                    {U"\u00BB", U"\""},
                                    {U"\u00A0%", U"%"},
                                    {U"n\u00BA\u00A0", U"n\u00BA "},
                                    {U"\u00A0:", U":"},
                                    {U"\u00A0\u00BAC", U" \u00BAC"},
                                    {U"\u00A0cm", U" cm"},
                                    {U"\u00A0?", U"?"},
                                    {U"\u00A0!", U"!"},
                                    {U"\u00A0;", U";"},
                                    {U",\u00A0", U", "}};

void apply(std::span<const Replacement> replacements, std::u32string& text) {
  for (const Replacement& replacement : replacements) {
    replace_all(text, replacement.find, replacement.by);
  }
}

// What replace_unicode_punct() puts for a code point; empty: it stays.
std::u32string_view ascii_form(char32_t code) {
  switch (code) {
    case U'\uFF0C':
    case U'\u3001':
      return U",";
    case U'\u3002':
    case U'\uFF0E':
      return U". ";
    case U'\u201D':
    case U'\u201C':
    case U'\u300A':
    case U'\u300B':
    case U'\u300C':
    case U'\u300D':
      return U"\"";
    case U'\u2236':
    case U'\uFF1A':
      return U":";
    case U'\uFF1F':
      return U"?";
    case U'\uFF09':
      return U")";
    case U'\uFF01':
      return U"!";
    case U'\uFF08':
      return U"(";
    case U'\uFF1B':
      return U";";
    case U'\uFF5E':
      return U"~";
    case U'\u2019':
      return U"'";
    case U'\u2026':
      return U"...";
    case U'\u2501':
      return U"-";
    case U'\u3008':
      return U"<";
    case U'\u3009':
      return U">";
    case U'\u3010':
      return U"[";
    case U'\u3011':
      return U"]";
    case U'\uFF05':
      return U"%";
    default:
      return {};
  }
}

void replace_wide(std::u32string& text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t code = text[i];
    const std::u32string_view form = ascii_form(code);
    if (code >= U'\uFF10' && code <= U'\uFF19') {
      out += static_cast<char32_t>(U'0' + (code - U'\uFF10'));
    } else if (form.empty()) {
      out += code;
    } else {
      out += form;
    }
    if (form != U". ") continue;
    while (i + 1 < text.size() && is(text[i + 1], k_space)) ++i;
  }
  text = std::move(out);
}

// " +" to " "
void squeeze_spaces(std::u32string& text) {
  const auto both = [](char32_t a, char32_t b) { return a == U' ' && b == U' '; };
  text.erase(std::unique(text.begin(), text.end(), both), text.end());
}

// Drops the space between a character of one kind and one of another: ") ," and "5 %".
template <typename Left, typename Right>
void drop_space_between(std::u32string& text, Left&& left, Right&& right) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool between = text[i] == U' ' && i > 0 && i + 1 < text.size();
    if (between && left(text[i - 1]) && right(text[i + 1])) continue;
    text[kept++] = text[i];
  }
  text.resize(kept);
}

// "([,.]+) to \1"
void quote_after_commas(std::u32string& text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != U'"') continue;
    std::size_t end = i + 1;
    while (end < text.size() && (text[end] == U',' || text[end] == U'.')) ++end;
    std::rotate(text.begin() + static_cast<std::ptrdiff_t>(i),
                text.begin() + static_cast<std::ptrdiff_t>(i + 1),
                text.begin() + static_cast<std::ptrdiff_t>(end));
    i = end - 1;
  }
}

// (\.+)"(\s*[^<]) to "\1\2: not at the end of the text.
void quote_before_dots(std::u32string& text) {
  const auto at = [&](std::size_t i) { return text.begin() + static_cast<std::ptrdiff_t>(i); };
  std::size_t i = 0;
  while (i < text.size()) {
    if (text[i] != U'.') {
      ++i;
      continue;
    }
    std::size_t quote = i;
    while (quote < text.size() && text[quote] == U'.') ++quote;
    if (quote + 1 >= text.size() || text[quote] != U'"' || text[quote + 1] == U'<') {
      i = quote;
      continue;
    }
    std::rotate(at(i), at(quote), at(quote + 1));
    std::size_t end = quote + 1;
    while (end < text.size() && is(text[end], k_space)) ++end;
    i = end < text.size() && text[end] != U'<' ? end + 1 : end;
  }
}

// A no-break space between two digits, neither of which another one has used.
void join_digits(std::u32string& text, char32_t joint) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != U'\u00A0' || !is(text[i - 1], k_digit) || !is(text[i + 1], k_digit)) continue;
    text[i++] = joint;
    ++i;
  }
}

}  // namespace

void replace_all(std::u32string& text, std::u32string_view find, std::u32string_view replacement) {
  std::size_t at = text.find(find);
  if (at == text.npos) return;
  std::u32string out;
  std::size_t done = 0;
  for (; at != text.npos; at = text.find(find, done)) {
    out.append(text, done, at - done).append(replacement);
    done = at + find.size();
  }
  text = std::move(out.append(text, done));
}

void strip(std::u32string& text) {
  std::size_t end = text.size(), begin = 0;
  while (end > 0 && is(text[end - 1], k_space)) --end;
  while (begin < end && is(text[begin], k_space)) ++begin;
  text = text.substr(begin, end - begin);
}

void normalize_punctuation(std::u32string& text, Language language) {
  constexpr std::u32string_view k_after_bracket = U".!:?;,";
  replace_wide(text);
  apply(k_brackets, text);
  squeeze_spaces(text);
  drop_space_between(
      text, [](char32_t code) { return code == U')'; },
      [&](char32_t code) { return k_after_bracket.find(code) != k_after_bracket.npos; });
  apply(k_inside_brackets, text);
  drop_space_between(
      text, [](char32_t code) { return is(code, k_digit); },
      [](char32_t code) { return code == U'%'; });
  apply(k_ticks, text);
  apply(k_quotes, text);
  squeeze_spaces(text);
  apply(k_apostrophes, text);
  apply(k_french, text);
  squeeze_spaces(text);
  if (language == Language::k_english) {
    quote_after_commas(text);
    join_digits(text, U'.');
  } else {
    replace_all(text, U",\"", U"\",");
    quote_before_dots(text);
    join_digits(text, U',');
  }
  strip(text);
  std::erase_if(text, [](char32_t code) { return is(code, k_other); });
}

}  // namespace hasten::tokenizer::moses
