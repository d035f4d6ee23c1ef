// Extended grapheme clusters (Unicode Standard Annex #29), as the pinned library's crate cuts them.
#pragma once

#include <string_view>

namespace hasten::tokenizer {

// Length in bytes of the cluster at the start of `text`, which is not empty and valid UTF-8.
// Regional indicators are not paired: a cluster of them is never shorter than six bytes.
std::size_t grapheme_length(std::string_view text);

}  // namespace hasten::tokenizer
