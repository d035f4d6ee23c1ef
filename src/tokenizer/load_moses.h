// XLM's and FlauBERT's own files: vocab.json and merges.txt.
#pragma once

#include <string>

#include "tokenizer/definition.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {

// As XLMTokenizer and FlaubertTokenizer read them, and as they are called for classifying: XLM's
// texts are taken for English whatever they are, FlauBERT's for French. Throws k_malformed.
TokenizerDefinition build_moses(const std::string& vocabulary, const std::string& merges,
                                const Settings& settings);

}  // namespace hasten::tokenizer
