#include "tokenizer/pre_tokenizer.h"

#include "tokenizer/byte_stand_ins.h"
#include "tokenizer/gpt2_split.h"
#include "tokenizer/piece_splitter.h"
#include "tokenizer/regex.h"
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
    split_at(in, out, SplitBehavior::k_removed,
             [&](char32_t code) { return code == delimiter_; });
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
        out.pieces.push_back({at, static_cast<std::size_t>(cursor - base),
                              piece.at_start && at == piece.begin});
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
        out.pieces.push_back({begin, at, piece.at_start && begin == piece.begin});
      }
    }
  }

 private:
  std::size_t length_;
};

class MetaspaceStep : public PreTokenizerStep {
 public:
  explicit MetaspaceStep(Metaspace options) : options_(std::move(options)) {}

  void apply(const Pieces& in, Pieces& out, std::string& buffer) const override {
    const std::string_view mark = options_.replacement;
    for (const Pieces::Piece& piece : in.pieces) {
      const std::string_view text = in.view(piece);
      const std::size_t begin = buffer.size();
      const bool prepends = options_.prepend == Metaspace::Prepend::k_always ||
                            (options_.prepend == Metaspace::Prepend::k_first && piece.at_start);
      if (prepends && text[0] != ' ' && !text.starts_with(mark)) buffer.append(mark);
      for (const char byte : text) {
        if (byte == ' ') {
          buffer.append(mark);
        } else {
          buffer.push_back(byte);
        }
      }
      cut({begin, buffer.size(), piece.at_start}, buffer, out);
    }
    out.text = buffer;
  }

 private:
  void cut(const Pieces::Piece& piece, const std::string& buffer, Pieces& out) const {
    if (!options_.split) {
      out.pieces.push_back(piece);
      return;
    }
    PieceSplitter splitter(SplitBehavior::k_merged_with_next, false, out.pieces);
    splitter.begin(piece);
    const std::string& mark = options_.replacement;
    for (std::size_t at = piece.begin; at < piece.end;) {
      const std::size_t found = std::min(buffer.find(mark, at), piece.end);
      if (at < found) splitter.span(at, found, false);
      if (found < piece.end) splitter.span(found, found + mark.size(), true);
      at = found + mark.size();
    }
    splitter.finish();
  }

  Metaspace options_;
};

class ByteLevelStep : public PreTokenizerStep {
 public:
  explicit ByteLevelStep(ByteLevel options) : options_(options) {}

  void apply(const Pieces& in, Pieces& out, std::string& buffer) const override {
    std::string prefixed;
    for (const Pieces::Piece& piece : in.pieces) {
      std::string_view text = in.view(piece);
      if (options_.add_prefix_space && text[0] != ' ') {
        prefixed.assign(1, ' ').append(text);
        text = prefixed;
      }
      for (bool first = true; !text.empty(); first = false) {
        const std::size_t length = options_.use_regex ? gpt2_piece_length(text) : text.size();
        const std::size_t begin = buffer.size();
        for (const char byte : text.substr(0, length)) {
          append_code_point(buffer, byte_stand_in(static_cast<unsigned char>(byte)));
        }
        out.pieces.push_back({begin, buffer.size(), piece.at_start && first});
        text.remove_prefix(length);
      }
    }
    out.text = buffer;
  }

 private:
  ByteLevel options_;
};

using Steps = std::vector<std::shared_ptr<const PreTokenizerStep>>;

void add_step(const BertPreTokenizer&, Steps& steps) {
  steps.push_back(
      std::make_shared<SplitAtFlag>(unicode::k_white_space, SplitBehavior::k_removed));
  steps.push_back(
      std::make_shared<SplitAtFlag>(unicode::k_punctuation, SplitBehavior::k_isolated));
}
void add_step(const ByteLevel& options, Steps& steps) {
  steps.push_back(std::make_shared<ByteLevelStep>(options));
}
void add_step(const Metaspace& options, Steps& steps) {
  steps.push_back(std::make_shared<MetaspaceStep>(options));
}
void add_step(const Whitespace&, Steps& steps) {
  steps.push_back(std::make_shared<WhitespaceStep>());
}
void add_step(const WhitespaceSplit&, Steps& steps) {
  steps.push_back(
      std::make_shared<SplitAtFlag>(unicode::k_white_space, SplitBehavior::k_removed));
}
void add_step(const Punctuation& options, Steps& steps) {
  steps.push_back(std::make_shared<SplitAtFlag>(unicode::k_punctuation, options.behavior));
}
void add_step(const Digits& options, Steps& steps) {
  steps.push_back(std::make_shared<SplitAtFlag>(
      unicode::k_numeric,
      options.individual_digits ? SplitBehavior::k_isolated : SplitBehavior::k_contiguous));
}
void add_step(const Split& options, Steps& steps) {
  steps.push_back(std::make_shared<SplitByRegex>(options));
}
void add_step(const CharDelimiterSplit& options, Steps& steps) {
  steps.push_back(std::make_shared<SplitAtDelimiter>(options.delimiter));
}
void add_step(const FixedLength& options, Steps& steps) {
  steps.push_back(std::make_shared<FixedLengthStep>(options.length));
}

}  // namespace

PreTokenizer::PreTokenizer(const std::vector<PreTokenizerDefinition>& steps) {
  for (const PreTokenizerDefinition& step : steps) {
    std::visit([&](const auto& options) { add_step(options, steps_); }, step);
  }
}

const Pieces& PreTokenizer::apply(std::string_view text, bool at_start,
                                  PreTokenizerScratch& scratch) const {
  std::size_t current = 0;
  std::size_t free = 0;
  scratch.pieces[0].text = text;
  scratch.pieces[0].pieces.assign(1, {0, text.size(), at_start});
  if (text.empty()) scratch.pieces[0].pieces.clear();
  for (const auto& step : steps_) {
    const Pieces& in = scratch.pieces[current];
    Pieces& out = scratch.pieces[1 - current];
    out.text = in.text;
    out.pieces.clear();
    scratch.texts[free].clear();
    step->apply(in, out, scratch.texts[free]);
    if (out.text.data() == scratch.texts[free].data()) free = 1 - free;
    current = 1 - current;
  }
  return scratch.pieces[current];
}

}  // namespace hasten::tokenizer
