// Encoded sequences side by side, as an engine takes them.
#pragma once

#include <cstdint>
#include <vector>

#include "classifier/text_classifier.h"
#include "classifier/windows.h"

namespace hasten::pipeline {

// Reused from batch to batch, so that memory is asked for once.
class TokenBatch {
 public:
  void clear() {
    token_ids_.clear();
    type_ids_.clear();
    offsets_.assign(1, 0);
  }

  void append(const classifier::Sequences& sequences, std::size_t index) {
    const auto begin = static_cast<std::ptrdiff_t>(sequences.begin_of(index));
    const auto end = static_cast<std::ptrdiff_t>(sequences.ends[index]);
    const auto ids = sequences.ids.begin();
    const auto types = sequences.type_ids.begin();
    token_ids_.insert(token_ids_.end(), ids + begin, ids + end);
    type_ids_.insert(type_ids_.end(), types + begin, types + end);
    offsets_.push_back(static_cast<std::int32_t>(token_ids_.size()));
  }

  // Valid until the next change.
  engine::RaggedBatch view() const { return {token_ids_, type_ids_, offsets_}; }

 private:
  std::vector<std::int32_t> token_ids_, type_ids_, offsets_;
};

}  // namespace hasten::pipeline
