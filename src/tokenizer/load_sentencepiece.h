// Tokenizers built from sentencepiece model files, as transformers converts its slow tokenizers.
#pragma once

#include <string>

#include "tokenizer/definition.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {

// XLM-RoBERTa, CamemBERT, ALBERT or DeBERTa-v2, by the settings' class. Throws k_malformed, and
// k_unsupported for models that are neither Unigram nor BPE.
TokenizerDefinition build_sentencepiece(const std::string& model, const Settings& settings);

}  // namespace hasten::tokenizer
