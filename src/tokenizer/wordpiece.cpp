#include "tokenizer/wordpiece.h"

#include "tokenizer/utf8.h"

namespace hasten::tokenizer {

WordPiece::WordPiece(Vocabulary vocabulary, std::string_view unknown_token, std::string_view prefix,
                     std::size_t max_code_points)
    : vocabulary_(std::move(vocabulary)),
      unknown_id_(vocabulary_.unknown_id(unknown_token)),
      inside_word_(vocabulary_.trie().walk(DoubleArray::k_root, prefix)),
      max_code_points_(max_code_points) {}

void WordPiece::encode(std::string_view word, ModelScratch*, std::vector<std::int32_t>& ids) const {
  if (word.empty()) return;
  const std::size_t before = ids.size();
  if ((word.size() > max_code_points_ && count_code_points(word) > max_code_points_) ||
      !encode_pieces(word, ids)) {
    ids.resize(before);
    ids.push_back(unknown_id_);
  }
}

bool WordPiece::encode_pieces(std::string_view word, std::vector<std::int32_t>& ids) const {
  const DoubleArray& trie = vocabulary_.trie();
  DoubleArray::State start = DoubleArray::k_root;
  while (!word.empty()) {
    if (start == DoubleArray::k_none) return false;
    DoubleArray::State state = start;
    DoubleArray::State longest = DoubleArray::k_none;
    std::size_t length = 0;
    for (std::size_t i = 0; i < word.size(); ++i) {
      state = trie.step(state, word[i]);
      if (state == DoubleArray::k_none) break;
      if (trie.has_value(state)) {
        longest = state;
        length = i + 1;
      }
    }
    if (length == 0) return false;
    ids.push_back(trie.value(longest));
    word.remove_prefix(length);
    start = inside_word_;
  }
  return true;
}

}  // namespace hasten::tokenizer
