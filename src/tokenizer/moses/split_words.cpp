#include "tokenizer/moses/split_words.h"

#include <algorithm>
#include <span>

#include "tokenizer/moses/normalize_punctuation.h"

namespace hasten::tokenizer::moses {
namespace {

using Words = std::vector<std::u32string>;
using Text = std::u32string_view;

// Stands for a dot of several in a row, which stay one word. Any letter does that is of no list.
constexpr char32_t k_dot_of_many = U'\U000F0001';

bool is_alpha(char32_t code) {
  return code == k_dot_of_many || is(code, k_alpha);
}
bool is_number(char32_t code) {
  return code != k_dot_of_many && is(code, k_number);
}

// Spaces for white space of any kind, and one around what is no part of a word.
std::u32string pad_symbols(Text text) {
  constexpr Text k_unpadded = U".'`,-";
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t code = text[i];
    if (is(code, k_space)) {
      if (i == 0 || !is(text[i - 1], k_space)) out += U' ';
    } else if (is(code, k_alnum) || k_unpadded.find(code) != Text::npos) {
      out += code;
    } else {
      out.append({U' ', code, U' '});
    }
  }
  return out;
}

// Two dots and more become a word of their own.
std::u32string mark_dots(Text text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && text[end] == U'.') ++end;
    if (end - i < 2) {
      out += text[i++];
      continue;
    }
    out += U' ';
    out.append(end - i, k_dot_of_many);
    if (end < text.size()) out += U' ';
    i = end;
  }
  return out;
}

// Puts `by` for each place where `matches(left, right)`, the characters around `middle`; neither of
// which another place has used.
template <typename Matches>
void replace_between(std::u32string& text, char32_t middle, Text by, Matches&& matches) {
  std::u32string out;
  std::size_t done = 0;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != middle || i - 1 < done || !matches(text[i - 1], text[i + 1])) continue;
    out.append(text, done, i - done).append(by).push_back(text[i + 1]);
    done = i + 2;
  }
  text = std::move(out.append(text, done));
}

// A comma is a word unless it stands between digits.
void separate_commas(std::u32string& text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {  // ([^N]), to \1 ,
    out += text[i];
    if (is_number(text[i]) || i + 1 == text.size() || text[i + 1] != U',') continue;
    out.append(U" , ");
    ++i;
  }
  text.clear();
  for (std::size_t i = 0; i < out.size(); ++i) {  // ,([^N]) to , \1
    if (out[i] != U',' || i + 1 == out.size() || is_number(out[i + 1])) {
      text += out[i];
      continue;
    }
    text.append(U" , ").push_back(out[++i]);
  }
  const std::size_t size = text.size();
  if (size >= 2 && text[size - 1] == U',' && is_number(text[size - 2])) text.insert(size - 1, U" ");
}

void separate_apostrophes(std::u32string& text, Language language) {
  const bool english = language == Language::k_english;
  const auto neither = [](char32_t a, char32_t b) { return !is_alpha(a) && !is_alpha(b); };
  const auto before_letter = [&](char32_t a, char32_t b) {
    return !is_alpha(a) && !(english && is_number(a)) && is_alpha(b);
  };
  const auto after_letter = [](char32_t a, char32_t b) { return is_alpha(a) && !is_alpha(b); };
  const auto both = [](char32_t a, char32_t b) { return is_alpha(a) && is_alpha(b); };
  replace_between(text, U'\'', U" ' ", neither);
  replace_between(text, U'\'', U" ' ", before_letter);
  replace_between(text, U'\'', U" ' ", after_letter);
  replace_between(text, U'\'', english ? U" '" : U"' ", both);
  if (!english) return;
  replace_between(text, U'\'', U" '",
                  [](char32_t a, char32_t b) { return is_number(a) && b == U's'; });
}

// str.split()
Words split_at_space(Text text) {
  Words words;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && !is(text[i], k_space)) continue;
    if (begin < i) words.emplace_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return words;
}

const tables::Abbreviation* find_abbreviation(Text word, Language language) {
  std::span<const tables::Abbreviation> all = tables::k_english;
  if (language == Language::k_french) all = tables::k_french;
  const auto found = std::lower_bound(
      all.begin(), all.end(), word, [](const auto& entry, Text text) { return entry.word < text; });
  return found != all.end() && found->word == word ? &*found : nullptr;
}

// Whether the full stop behind `stem` belongs to the word; `next` is the word after it, or empty.
bool keeps_stop(Text stem, Text next, Language language) {
  if (stem.find(U'.') != Text::npos && std::any_of(stem.begin(), stem.end(), is_alpha)) return true;
  const tables::Abbreviation* known = find_abbreviation(stem, language);
  if (known != nullptr && !known->before_digits) return true;
  if (next.empty()) return false;
  if (next[0] != k_dot_of_many && is(next[0], k_lower)) return true;
  return known != nullptr && next[0] >= U'0' && next[0] <= U'9';
}

// The words in a row with one space between, full stops apart where they end a sentence.
std::u32string separate_stops(const Words& words, Language language) {
  std::u32string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += U' ';
    const Text word = words[i];
    const Text next = i + 1 < words.size() ? Text(words[i + 1]) : Text();
    const bool stopped = word.size() > 1 && word.back() == U'.';
    if (stopped && !keeps_stop(word.substr(0, word.size() - 1), next, language)) {
      out.append(word.substr(0, word.size() - 1)).append(U" .");
    } else {
      out.append(word);
    }
  }
  return out;
}

}  // namespace

std::vector<std::u32string> split_words(std::u32string text, Language language) {
  strip(text);
  text = mark_dots(pad_symbols(text));
  separate_commas(text);
  separate_apostrophes(text, language);
  text = separate_stops(split_at_space(text), language);
  if (text.ends_with(U".'")) text.replace(text.size() - 2, 2, U" . ' ");
  std::replace(text.begin(), text.end(), k_dot_of_many, U'.');
  return split_at_space(text);
}

}  // namespace hasten::tokenizer::moses
