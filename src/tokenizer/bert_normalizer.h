// BertNormalizer: cleaning, isolating Chinese characters, stripping accents, lower-casing.
#pragma once

#include <string>
#include <string_view>

#include "tokenizer/normalizer.h"

namespace hasten::tokenizer {

// See NormalizerStep::apply(); always true.
bool normalize(const BertNormalizer& options, std::string_view text, NormalizerContext& context,
               std::string& out);

}  // namespace hasten::tokenizer
