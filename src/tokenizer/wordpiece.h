// The WordPiece model: the longest prefix that is a token, again and again.
#pragma once

#include <string_view>

#include "tokenizer/model.h"

namespace hasten::tokenizer {

class WordPiece : public Model {
 public:
  // Throws k_malformed when `unknown_token` is no token. `prefix` marks the pieces inside a word.
  WordPiece(Vocabulary vocabulary, std::string_view unknown_token, std::string_view prefix,
            std::size_t max_code_points);

  // The ids of a word's pieces, or the unknown id when it has no such pieces or more than
  // max_code_points.
  void encode(std::string_view word, ModelScratch* scratch,
              std::vector<std::int32_t>& ids) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::string name() const override { return "WordPiece"; }

 private:
  bool encode_pieces(std::string_view word, std::vector<std::int32_t>& ids) const;

  Vocabulary vocabulary_;
  std::int32_t unknown_id_;
  DoubleArray::State inside_word_;  // where the search for a later piece starts
  std::size_t max_code_points_;
};

}  // namespace hasten::tokenizer
