#include "tokenizer/regex.h"

#include <re2/re2.h>

#include "base/error.h"
#include "tokenizer/gpt2_split.h"
#include "tokenizer/regex_translation.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

class Literal : public Regex {
 public:
  explicit Literal(std::string text) : text_(std::move(text)) {}

  bool find(std::string_view text, std::size_t from, Match& match) const override {
    const std::size_t begin = text.find(text_, from);
    if (begin == std::string_view::npos) return false;
    match = {begin, begin + text_.size()};
    return true;
  }

 private:
  std::string text_;
};

// " {2,}", in the conversions of sentencepiece models.
class SpaceRun : public Regex {
 public:
  bool find(std::string_view text, std::size_t from, Match& match) const override {
    const std::size_t begin = text.find("  ", from);
    if (begin == std::string_view::npos) return false;
    match = {begin, std::min(text.find_first_not_of(' ', begin), text.size())};
    return true;
  }
};

class Gpt2 : public Regex {
 public:
  bool find(std::string_view text, std::size_t from, Match& match) const override {
    if (from >= text.size()) return false;
    match = {from, from + gpt2_piece_length(text.substr(from))};
    return true;
  }
};

// Any other expression. One that ends like GPT-2's, in "|\s+(?!\S)|\s+", is run without that end,
// whose look-ahead RE2 lacks: a run of white space before something else leaves its last one to it.
class Automaton : public Regex {
 public:
  explicit Automaton(std::string_view pattern) {
    leaves_space_ = pattern.ends_with(k_look_ahead);
    if (leaves_space_) pattern.remove_suffix(k_look_ahead.size());
    std::string translated = "(?:" + translate_regex(pattern) + ")";
    if (leaves_space_) translated += "|(" + translate_regex("\\s+") + ")";
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(64 << 20);
    automaton_ = std::make_unique<RE2>(translated, options);
    if (!automaton_->ok()) {
      fail(ErrorCode::k_unsupported,
           "the tokenizer's regular expression is not supported: " + automaton_->error(),
           std::string(pattern));
    }
    if (pattern.starts_with('^') && RE2::FullMatch("", *automaton_)) {
      fail(ErrorCode::k_unsupported,
           "the tokenizer's regular expression matches nothing at an anchor", std::string(pattern),
           "behind a text's last line end such a match is told apart");
    }
  }

  bool find(std::string_view text, std::size_t from, Match& match) const override {
    const re2::StringPiece input(text.data(), text.size());
    re2::StringPiece groups[2];
    if (!automaton_->Match(input, from, text.size(), RE2::UNANCHORED, groups,
                           leaves_space_ ? 2 : 1)) {
      return false;
    }
    match.begin = static_cast<std::size_t>(groups[0].data() - text.data());
    match.end = match.begin + groups[0].size();
    const bool is_space = leaves_space_ && groups[1].data() != nullptr;
    if (is_space && match.end < text.size()) {
      const char* last = text.data() + match.end;
      previous_code_point(last);
      if (last != groups[0].data()) match.end = static_cast<std::size_t>(last - text.data());
    }
    return true;
  }

 private:
  static constexpr std::string_view k_look_ahead = R"(|\s+(?!\S)|\s+)";

  std::unique_ptr<RE2> automaton_;
  bool leaves_space_ = false;
};

}  // namespace

std::unique_ptr<const Regex> Regex::compile(const Pattern& pattern) {
  if (!pattern.is_regex) return std::make_unique<Literal>(pattern.text);
  if (pattern.text == " {2,}") return std::make_unique<SpaceRun>();
  if (pattern.text == k_gpt2_pattern) return std::make_unique<Gpt2>();
  return std::make_unique<Automaton>(pattern.text);
}

}  // namespace hasten::tokenizer
