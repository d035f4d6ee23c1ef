#include <algorithm>

#include "tokenizer/byte_stand_ins.h"
#include "tokenizer/gpt2_split.h"
#include "tokenizer/piece_splitter.h"
#include "tokenizer/pre_tokenizer_steps.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

class MetaspaceStep : public PreTokenizerStep {
 public:
  explicit MetaspaceStep(Metaspace options) : options_(std::move(options)) {}

  void apply(const Pieces& in, Pieces& out, std::string& buffer) const override {
    const std::string_view mark = options_.replacement;
    for (const Pieces::Piece& piece : in.pieces) {
      const std::string_view text = in.view(piece);
      const std::size_t begin = buffer.size();
      const bool prepends = options_.prepend == Metaspace::Prepend::k_always ||
                            (options_.prepend == Metaspace::Prepend::k_first && piece.at_start());
      if (prepends && text[0] != ' ' && !text.starts_with(mark)) buffer.append(mark);
      append_marked(text.substr(0, piece.start_end - piece.begin), buffer);
      const std::size_t start_end = piece.at_start() ? buffer.size() : begin;
      append_marked(in.text.substr(piece.start_end, piece.end - piece.start_end), buffer);
      cut({begin, buffer.size(), start_end}, buffer, out);
    }
    out.text = buffer;
  }

 private:
  void append_marked(std::string_view text, std::string& buffer) const {
    while (!text.empty()) {
      const std::size_t space = std::min(text.find(' '), text.size());
      buffer.append(text, 0, space);
      if (space == text.size()) break;
      buffer.append(options_.replacement);
      text.remove_prefix(space + 1);
    }
  }

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
      const std::size_t added = text.size() - (piece.end - piece.begin);
      std::size_t start = piece.at_start() ? piece.start_end - piece.begin + added : 0;
      while (!text.empty()) {
        const std::size_t length = options_.use_regex ? gpt2_piece_length(text) : text.size();
        const std::size_t begin = buffer.size();
        const std::size_t of_start = std::min(start, length);
        append_stand_ins(text.substr(0, of_start), buffer);
        const std::size_t start_end = buffer.size();
        append_stand_ins(text.substr(of_start, length - of_start), buffer);
        start -= of_start;
        out.pieces.push_back({begin, buffer.size(), start_end});
        text.remove_prefix(length);
      }
    }
    out.text = buffer;
  }

 private:
  static void append_stand_ins(std::string_view bytes, std::string& buffer) {
    for (const char byte : bytes) {
      append_code_point(buffer, byte_stand_in(static_cast<unsigned char>(byte)));
    }
  }

  ByteLevel options_;
};

}  // namespace

void add_steps(const Metaspace& options, PreTokenizerSteps& steps) {
  steps.push_back(std::make_shared<MetaspaceStep>(options));
}
void add_steps(const ByteLevel& options, PreTokenizerSteps& steps) {
  steps.push_back(std::make_shared<ByteLevelStep>(options));
}

}  // namespace hasten::tokenizer
