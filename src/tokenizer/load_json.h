// tokenizer.json -> TokenizerDefinition.
#pragma once

#include <string_view>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Throws k_malformed for what is no tokenizer.json, k_unsupported naming the part that cannot be run.
TokenizerDefinition read_tokenizer_json(std::string_view text);

}  // namespace hasten::tokenizer
