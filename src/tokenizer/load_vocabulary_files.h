// Tokenizers built from text vocabularies, as transformers converts its slow tokenizers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {

// BERT and its kin, and MPNet: vocab.txt.
TokenizerDefinition build_word_piece(const std::string& vocabulary, const Settings& settings);

// RoBERTa and DeBERTa: vocab.json and merges.txt.
TokenizerDefinition build_byte_level(const std::string& vocabulary, const std::string& merges,
                                     const Settings& settings);

// HerBERT: vocab.json and merges.txt, words split as BERT's.
TokenizerDefinition build_herbert(const std::string& vocabulary, const std::string& merges,
                                  const Settings& settings);

// The lines as Python's text mode reads them: \n, \r\n and \r end a line.
std::vector<std::string_view> split_lines(std::string_view text);

// The id of a special token after add_settings_tokens().
std::vector<std::int32_t> special_ids(const TokenizerDefinition& definition,
                                      const std::string& content);

}  // namespace hasten::tokenizer
