#include "tokenizer/bpe_merges.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hasten::tokenizer {

void BpeMerges::add(std::string_view left, std::string_view right) {
  const DoubleArray& trie = vocabulary_.trie();
  const DoubleArray::State left_state = trie.walk(DoubleArray::k_root, left);
  const DoubleArray::State right_state = trie.walk(DoubleArray::k_root, right);
  const DoubleArray::State merged = right.size() < prefix_length_
                                        ? DoubleArray::k_none
                                        : trie.walk(left_state, right.substr(prefix_length_));
  for (const DoubleArray::State state : {left_state, right_state, merged}) {
    if (state == DoubleArray::k_none || !trie.has_value(state)) {
      fail(ErrorCode::k_malformed,
           fmt::format("the merge of '{}' and '{}' needs a token that the vocabulary lacks", left,
                       right),
           fmt::format("merge {}", merges_.size() + 1), "the merges belong to another vocabulary");
    }
  }
  merges_.push_back({trie.value(left_state), trie.value(right_state), trie.value(merged)});
}

void BpeMerges::add_line(std::string_view line) {
  if (line.starts_with("#version")) return;
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    fail(ErrorCode::k_malformed, "a merge is not two texts with a space between",
         fmt::format("merge {}", merges_.size() + 1));
  }
  add(line.substr(0, space), line.substr(space + 1));
}

}  // namespace hasten::tokenizer
