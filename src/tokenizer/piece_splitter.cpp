#include "tokenizer/piece_splitter.h"

#include <algorithm>

namespace hasten::tokenizer {

void PieceSplitter::span(std::size_t begin, std::size_t end, bool is_match) {
  is_match ^= invert_;
  switch (behavior_) {
    case SplitBehavior::k_removed:
      if (!is_match) add(begin, end);
      break;
    case SplitBehavior::k_isolated:
      add(begin, end);
      break;
    case SplitBehavior::k_contiguous:
      if (is_match == previous_match_ && has_own()) {
        extend(end);
      } else {
        add(begin, end);
      }
      break;
    case SplitBehavior::k_merged_with_previous:
      if (is_match && !previous_match_ && has_own()) {
        extend(end);
      } else {
        add(begin, end);
      }
      break;
    case SplitBehavior::k_merged_with_next:
      if (is_match) {
        add(pending_begin_, pending_end_);
        pending_begin_ = begin;
        pending_end_ = end;
      } else {
        add(pending_begin_ == pending_end_ ? begin : pending_begin_, end);
        pending_begin_ = pending_end_ = 0;
      }
      break;
  }
  previous_match_ = is_match;
}

void PieceSplitter::finish() {
  add(pending_begin_, pending_end_);
  pending_begin_ = pending_end_ = 0;
  const auto own = out_.begin() + static_cast<std::ptrdiff_t>(first_);
  out_.erase(std::remove_if(own, out_.end(),
                            [](const Pieces::Piece& piece) { return piece.begin == piece.end; }),
             out_.end());
}

}  // namespace hasten::tokenizer
