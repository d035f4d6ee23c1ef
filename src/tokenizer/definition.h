// What a tokenizer's files say, before anything is built for speed. Reading a file makes one,
// the rules of transformers edit it, assemble() makes a Tokenizer of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/vocabulary.h"

namespace hasten::tokenizer {

// ---- Normalizers, named as in tokenizer.json; they run in order.
struct BertNormalizer {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  std::optional<bool> strip_accents;  // none: as lowercase
  bool lowercase = true;
};
using NormalizerDefinition = std::variant<BertNormalizer>;

// ---- Pre-tokenizers; they run in order, each on the pieces of the one before.
struct BertPreTokenizer {};
using PreTokenizerDefinition = std::variant<BertPreTokenizer>;

// ---- Models.
struct WordPieceDefinition {
  std::string unknown_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  std::size_t max_input_chars_per_word = 100;
};
using ModelDefinition = std::variant<WordPieceDefinition>;

struct TokenizerDefinition {
  std::vector<NormalizerDefinition> normalizers;
  // The normalizers when the added tokens were added, which their patterns follow; transformers
  // replaces normalizers later.
  std::vector<NormalizerDefinition> pattern_normalizers;
  std::vector<PreTokenizerDefinition> pre_tokenizers;
  ModelDefinition model;
  Vocabulary vocabulary;
  AddedVocabulary added_tokens;
  PostProcessor post_processor;
  bool truncate_left = false;
};

}  // namespace hasten::tokenizer
