// The Unigram model: the segmentation of the highest total score.
#pragma once

#include <array>
#include <string_view>

#include "tokenizer/model.h"

namespace hasten::tokenizer {

class Unigram : public Model {
 public:
  // `vocabulary` has the ids 0 to scores.size() - 1. Throws k_malformed when the unknown id is none.
  Unigram(Vocabulary vocabulary, UnigramDefinition options);

  std::unique_ptr<ModelScratch> make_scratch() const override;
  void encode(std::string_view piece, ModelScratch* scratch,
              std::vector<std::int32_t>& ids) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::string name() const override { return "Unigram"; }

 private:
  class UnigramScratch;

  void find_best_path(std::string_view piece, UnigramScratch& scratch) const;
  void append_reversed_unknown(std::string_view text, std::vector<std::int32_t>& ids) const;

  Vocabulary vocabulary_;
  UnigramDefinition options_;
  std::vector<std::uint32_t> lengths_;  // bytes of each token, by id
  double unknown_score_;
  std::size_t reach_;                         // a power of two above the bytes of any token
  std::array<std::int32_t, 256> byte_ids_{};  // of <0x00> and so on; -1: no token
};

}  // namespace hasten::tokenizer
