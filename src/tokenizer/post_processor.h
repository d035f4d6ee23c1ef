// Cuts encoded texts to length and puts special tokens around them.
#pragma once

#include <cstdint>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace hasten::tokenizer {

// One place of a template: the first or second text, or special tokens.
struct TemplatePiece {
  enum class Kind { k_first, k_second, k_special };
  Kind kind = Kind::k_special;
  std::int32_t type_id = 0;
  std::vector<std::int32_t> ids;  // of k_special
};

// What surrounds a single text and a pair. The default adds nothing and types a pair 0 and 1.
struct PostProcessor {
  using Kind = TemplatePiece::Kind;
  std::vector<TemplatePiece> single = {{Kind::k_first, 0, {}}};
  std::vector<TemplatePiece> pair = {{Kind::k_first, 0, {}}, {Kind::k_second, 1, {}}};
  std::int64_t special_token_count(bool is_pair) const;

  // Writes the template filled with the texts' ids; `second` is null for a single text.
  void apply(const std::vector<std::int32_t>& first, const std::vector<std::int32_t>* second,
             bool add_special_tokens, Encoding& out) const;
};

// [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with B typed 1.
PostProcessor make_bert_processor(const std::vector<std::int32_t>& cls,
                                  const std::vector<std::int32_t>& sep);
// <s> A </s>, and <s> A </s></s> B </s>, all typed 0.
PostProcessor make_roberta_processor(const std::vector<std::int32_t>& cls,
                                     const std::vector<std::int32_t>& sep);

// A <sep> <cls>, and A <sep> B <sep> <cls>; B and its separator typed 1, <cls> 2.
PostProcessor make_xlnet_processor(const std::vector<std::int32_t>& cls,
                                   const std::vector<std::int32_t>& sep);

// Cuts ids to at most `budget`, from the right end or the left one. True when any were cut.
bool truncate(std::vector<std::int32_t>& ids, std::size_t budget, bool left);

// The same for a pair, from the longer one first: `longest_first` of tokenizers 0.22, or
// `in_python` that of transformers' own tokenizers, which give an odd token to the first text.
bool truncate_pair(std::vector<std::int32_t>& first, std::vector<std::int32_t>& second,
                   std::size_t budget, bool left, bool in_python = false);

}  // namespace hasten::tokenizer
