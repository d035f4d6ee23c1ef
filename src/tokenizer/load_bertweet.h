// BERTweet's own files: vocab.txt and bpe.codes.
#pragma once

#include <string>

#include "tokenizer/definition.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {

// As BertweetTokenizer reads them. Throws k_malformed.
TokenizerDefinition build_bertweet(const std::string& vocabulary, const std::string& codes,
                                   const Settings& settings);

}  // namespace hasten::tokenizer
