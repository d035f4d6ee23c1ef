// The WordPiece model: the longest prefix that is a token, again and again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace hasten::tokenizer {

class WordPiece {
 public:
  // Throws k_malformed when `unknown_token` is no token. `prefix` marks the pieces inside a word.
  WordPiece(Vocabulary vocabulary, std::string_view unknown_token, std::string_view prefix,
            std::size_t max_code_points);

  // Appends the ids of a word, which is valid UTF-8: those of its pieces, or the unknown id when it
  // has no such pieces or more than max_code_points().
  void encode(std::string_view word, std::vector<std::int32_t>& ids) const;

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  bool encode_pieces(std::string_view word, std::vector<std::int32_t>& ids) const;

  Vocabulary vocabulary_;
  std::int32_t unknown_id_;
  DoubleArray::State inside_word_;  // where the search for a later piece starts
  std::size_t max_code_points_;
};

}  // namespace hasten::tokenizer
