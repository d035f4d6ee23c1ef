// A definition's pre-tokenizers: a normalized text -> the pieces that the model sees.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// A text and how it is cut. Pieces may leave gaps; none is empty.
struct Pieces {
  struct Piece {
    std::size_t begin;
    std::size_t end;
    // Up to here its bytes come of the first code point of the whole input; `begin` where none do.
    std::size_t start_end;

    bool at_start() const { return start_end > begin; }
    // From one place in it to another.
    Piece part(std::size_t from, std::size_t to) const {
      return {from, to, std::clamp(start_end, from, to)};
    }
  };

  std::string_view text;
  std::vector<Piece> pieces;

  std::string_view view(const Piece& piece) const {
    return text.substr(piece.begin, piece.end - piece.begin);
  }
};

// Working memory of one thread, and the result.
struct PreTokenizerScratch {
  Pieces pieces[2];
  std::string texts[2];
};

// One step. Immutable.
class PreTokenizerStep {
 public:
  virtual ~PreTokenizerStep() = default;
  // Fills `out`, whose text is that of `in` and which has no pieces yet, with what becomes of the
  // pieces of `in`. A step that changes the text writes it to `buffer`, which is empty, and makes
  // it the text of `out`.
  virtual void apply(const Pieces& in, Pieces& out, std::string& buffer) const = 0;
};

// Immutable; used by many threads, each with its own scratch.
class PreTokenizer {
 public:
  PreTokenizer() = default;
  explicit PreTokenizer(const std::vector<PreTokenizerDefinition>& steps);

  // Cuts valid UTF-8, of which `start_length` bytes come of the first code point of the whole input. The result lies in the scratch and may refer to `text`; it lasts until the next
  // call.
  const Pieces& apply(std::string_view text, std::size_t start_length,
                      PreTokenizerScratch& scratch) const;

 private:
  std::vector<std::shared_ptr<const PreTokenizerStep>> steps_;
};

}  // namespace hasten::tokenizer
