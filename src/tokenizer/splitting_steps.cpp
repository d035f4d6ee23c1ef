#include <algorithm>

#include "tokenizer/piece_splitter.h"
#include "tokenizer/pre_tokenizer_steps.h"
#include "tokenizer/regex.h"
#include "tokenizer/unicode/scripts.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// Cuts at each code point that `is_match` picks.
template <typename IsMatch>
void split_at(const Pieces& in, Pieces& out, SplitBehavior behavior, IsMatch&& is_match) {
  PieceSplitter splitter(behavior, false, out.pieces);
  for (const Pieces::Piece& piece : in.pieces) {
    splitter.begin(piece);
    const char* const base = in.text.data();
    const char* const end = base + piece.end;
    const char* cursor = base + piece.begin;
    const char* done = cursor;
    const auto span = [&](const char* from, const char* to, bool match) {
      splitter.span(static_cast<std::size_t>(from - base), static_cast<std::size_t>(to - base),
                    match);
    };
    while (cursor != end) {
      const char* const at = cursor;
      if (!is_match(next_code_point(cursor))) continue;
      if (done != at) span(done, at, false);
      span(at, cursor, true);
      done = cursor;
    }
    if (done != end) span(done, end, false);
    splitter.finish();
  }
}

// Cuts at each code point with a flag.
class SplitAtFlag : public PreTokenizerStep {
 public:
  SplitAtFlag(unicode::Flag flag, SplitBehavior behavior) : flag_(flag), behavior_(behavior) {}
  void apply(const Pieces& in, Pieces& out, std::string&) const override {
    split_at(in, out, behavior_, [&](char32_t code) { return unicode::has(code, flag_); });
  }

 private:
  unicode::Flag flag_;
  SplitBehavior behavior_;
};

class SplitAtDelimiter : public PreTokenizerStep {
 public:
  explicit SplitAtDelimiter(char32_t delimiter) : delimiter_(delimiter) {}
  void apply(const Pieces& in, Pieces& out, std::string&) const override {
    split_at(in, out, SplitBehavior::k_removed, [&](char32_t code) { return code == delimiter_; });
  }

 private:
  char32_t delimiter_;
};

class SplitByRegex : public PreTokenizerStep {
 public:
  explicit SplitByRegex(const Split& options)
      : regex_(Regex::compile(options.pattern)),
        behavior_(options.behavior),
        invert_(options.invert) {}

  void apply(const Pieces& in, Pieces& out, std::string&) const override {
    PieceSplitter splitter(behavior_, invert_, out.pieces);
    for (const Pieces::Piece& piece : in.pieces) {
      splitter.begin(piece);
      for_each_match(*regex_, in.view(piece),
                     [&](std::size_t begin, std::size_t end, bool is_match) {
                       splitter.span(piece.begin + begin, piece.begin + end, is_match);
                     });
      splitter.finish();
    }
  }

 private:
  std::unique_ptr<const Regex> regex_;
  SplitBehavior behavior_;
  bool invert_;
};

// Runs of \w and runs of what is neither \w nor white space.
class WhitespaceStep : public PreTokenizerStep {
 public:
  void apply(const Pieces& in, Pieces& out, std::string&) const override {
    const char* const base = in.text.data();
    for (const Pieces::Piece& piece : in.pieces) {
      const char* cursor = base + piece.begin;
      const char* const end = base + piece.end;
      while (cursor != end) {
        const char* const begin = cursor;
        const std::uint32_t kind = kind_of(next_code_point(cursor));
        for (const char* next = cursor; cursor != end; cursor = next) {
          if (kind_of(next_code_point(next)) != kind) break;
        }
        if (kind == unicode::k_white_space) continue;
        const auto at = static_cast<std::size_t>(begin - base);
        out.pieces.push_back(piece.part(at, static_cast<std::size_t>(cursor - base)));
      }
    }
  }

 private:
  static std::uint32_t kind_of(char32_t code) {
    return unicode::record(code) & (unicode::k_word | unicode::k_white_space);
  }
};

class FixedLengthStep : public PreTokenizerStep {
 public:
  explicit FixedLengthStep(std::size_t length) : length_(length) {}
  void apply(const Pieces& in, Pieces& out, std::string&) const override {
    for (const Pieces::Piece& piece : in.pieces) {
      for (std::size_t at = piece.begin; at < piece.end;) {
        const std::size_t begin = at;
        for (std::size_t i = 0; i < length_ && at < piece.end; ++i) at += utf8_length(in.text[at]);
        out.pieces.push_back(piece.part(begin, at));
      }
    }
  }

 private:
  std::size_t length_;
};

// Where the script changes. Japanese kana go with Chinese characters; what goes with every script
// stays with what is before it, and is dropped at the start, where there is nothing.
class UnicodeScriptsStep : public PreTokenizerStep {
 public:
  void apply(const Pieces& in, Pieces& out, std::string&) const override {
    const char* const base = in.text.data();
    for (const Pieces::Piece& piece : in.pieces) {
      const char* const end = base + piece.end;
      const char* begin = end;
      unsigned last = 0;
      for (const char* cursor = base + piece.begin; cursor != end;) {
        const char* const at = cursor;
        const unsigned script = script_of(next_code_point(cursor));
        if (script == 0 || script == last) continue;
        if (last != 0) add(piece, begin - base, at - base, out);
        begin = at;
        last = script;
      }
      if (last != 0) add(piece, begin - base, end - base, out);
    }
  }

 private:
  static unsigned script_of(char32_t code) { return unicode::pre_tokenizer_script(code); }
  static void add(const Pieces::Piece& piece, std::ptrdiff_t begin, std::ptrdiff_t end,
                  Pieces& out) {
    out.pieces.push_back(
        piece.part(static_cast<std::size_t>(begin), static_cast<std::size_t>(end)));
  }
};

using Step = std::shared_ptr<const PreTokenizerStep>;

Step make_split_at_flag(unicode::Flag flag, SplitBehavior behavior) {
  return std::make_shared<SplitAtFlag>(flag, behavior);
}

}  // namespace

void add_steps(const BertPreTokenizer&, PreTokenizerSteps& steps) {
  steps.push_back(make_split_at_flag(unicode::k_white_space, SplitBehavior::k_removed));
  steps.push_back(make_split_at_flag(unicode::k_punctuation, SplitBehavior::k_isolated));
}
void add_steps(const Whitespace&, PreTokenizerSteps& steps) {
  steps.push_back(std::make_shared<WhitespaceStep>());
}
void add_steps(const WhitespaceSplit&, PreTokenizerSteps& steps) {
  steps.push_back(make_split_at_flag(unicode::k_white_space, SplitBehavior::k_removed));
}
void add_steps(const Punctuation& options, PreTokenizerSteps& steps) {
  steps.push_back(make_split_at_flag(unicode::k_punctuation, options.behavior));
}
void add_steps(const Digits& options, PreTokenizerSteps& steps) {
  steps.push_back(make_split_at_flag(unicode::k_numeric, options.individual_digits
                                                             ? SplitBehavior::k_isolated
                                                             : SplitBehavior::k_contiguous));
}
void add_steps(const Split& options, PreTokenizerSteps& steps) {
  steps.push_back(std::make_shared<SplitByRegex>(options));
}
void add_steps(const CharDelimiterSplit& options, PreTokenizerSteps& steps) {
  steps.push_back(std::make_shared<SplitAtDelimiter>(options.delimiter));
}
void add_steps(const FixedLength& options, PreTokenizerSteps& steps) {
  steps.push_back(std::make_shared<FixedLengthStep>(options.length));
}
void add_steps(const UnicodeScripts&, PreTokenizerSteps& steps) {
  steps.push_back(std::make_shared<UnicodeScriptsStep>());
}

}  // namespace hasten::tokenizer
