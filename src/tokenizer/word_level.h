// The WordLevel model: a whole piece is a token, or unknown.
#pragma once

#include <string_view>

#include "tokenizer/model.h"

namespace hasten::tokenizer {

class WordLevel : public Model {
 public:
  // Throws k_malformed when `unknown_token` is no token.
  WordLevel(Vocabulary vocabulary, std::string_view unknown_token);

  void encode(std::string_view piece, ModelScratch* scratch,
              std::vector<std::int32_t>& ids) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::string name() const override { return "WordLevel"; }

 private:
  Vocabulary vocabulary_;
  std::int32_t unknown_id_;
};

}  // namespace hasten::tokenizer
