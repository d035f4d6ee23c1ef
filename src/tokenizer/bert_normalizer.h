// BertNormalizer: cleaning, isolating Chinese characters, stripping accents, lower-casing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"

namespace hasten::tokenizer {

// Appends the normalized form of valid UTF-8. `codes` is working memory.
void normalize_bert(const BertNormalizer& options, std::string_view text,
                    std::vector<char32_t>& codes, std::string& out);

}  // namespace hasten::tokenizer
