// BERTweet's BPE, and XLM's: merges all of a pair at once, and pieces inside a word, or at its end, bear a
// mark.
#pragma once

#include <string_view>
#include <vector>

#include "tokenizer/merge_table.h"
#include "tokenizer/model.h"

namespace hasten::tokenizer {

class BertweetModel : public Model {
 public:
  // Throws k_malformed when the unknown token is no token.
  BertweetModel(Vocabulary vocabulary, const BertweetDefinition& options);

  std::unique_ptr<ModelScratch> make_scratch() const override;
  // The ids of a word. What an entity made of a surrogate may stand in it as three bytes.
  void encode(std::string_view word, ModelScratch* scratch,
              std::vector<std::int32_t>& ids) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::string name() const override { return name_; }

 private:
  class BertweetScratch;

  void add_merges(const BertweetDefinition& options);
  void add_symbols(std::string_view word, std::vector<std::int32_t>& symbols) const;
  void merge_short(BertweetScratch& scratch) const;
  void merge_long(BertweetScratch& scratch) const;
  std::int32_t id_of(std::string_view text) const {
    return vocabulary_.id_of(text).value_or(unknown_id_);
  }

  Vocabulary vocabulary_;
  std::int32_t unknown_id_;
  std::string inside_mark_, end_mark_, name_;
  Vocabulary symbols_;  // what merges take and make
  MergeTable merges_;
  // The token of a symbol inside a word, and at its end.
  std::vector<std::int32_t> inside_ids_;
  std::vector<std::int32_t> final_ids_;
};

}  // namespace hasten::tokenizer
