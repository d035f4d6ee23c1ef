// HTML entities in tweets, with the quirks of NLTK's replacement.
#pragma once

#include <string>
#include <string_view>

namespace hasten::tokenizer::bertweet {

// Appends the text with every `&...;` replaced by its code point, or removed when it has none. Surrogate
// code points can come of it.
void replace_html_entities(std::u32string_view text, std::u32string& out);

}  // namespace hasten::tokenizer::bertweet
