// Cuts pieces at matches, with what SplitBehavior says of the matches.
#pragma once

#include <vector>

#include "tokenizer/pre_tokenizer.h"

namespace hasten::tokenizer {

// Takes the matches and what lies between, in order, and adds the pieces that they make. One piece at
// a time: begin(), span() for each stretch, finish().
class PieceSplitter {
 public:
  PieceSplitter(SplitBehavior behavior, bool invert, std::vector<Pieces::Piece>& out)
      : behavior_(behavior), invert_(invert), out_(out) {}

  void begin(const Pieces::Piece& piece) {
    piece_ = piece;
    first_ = out_.size();
    previous_match_ = false;
  }
  // A stretch of the piece, in bytes of the text.
  void span(std::size_t begin, std::size_t end, bool is_match);
  void finish();

 private:
  // Empty ones too, which later matches may be merged with; finish() takes out those that stay empty.
  void add(std::size_t begin, std::size_t end) { out_.push_back(piece_.part(begin, end)); }
  void extend(std::size_t end) { out_.back() = piece_.part(out_.back().begin, end); }
  bool has_own() const { return out_.size() > first_; }

  SplitBehavior behavior_;
  bool invert_;
  std::vector<Pieces::Piece>& out_;
  Pieces::Piece piece_{};
  std::size_t first_ = 0;
  bool previous_match_ = false;
  // A match that waits for what it is merged with.
  std::size_t pending_begin_ = 0;
  std::size_t pending_end_ = 0;
};

}  // namespace hasten::tokenizer
