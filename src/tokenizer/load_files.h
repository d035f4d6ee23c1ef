// A vocabulary without tokenizer.json -> TokenizerDefinition, as transformers converts it.
#pragma once

#include "tokenizer/definition.h"
#include "tokenizer/settings.h"

namespace hasten::tokenizer {

// Throws k_not_found when the files that the tokenizer class needs are missing.
TokenizerDefinition build_from_files(const Files& files, const Settings& settings);

}  // namespace hasten::tokenizer
