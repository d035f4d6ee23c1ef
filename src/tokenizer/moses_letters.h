// Python's str.lower() and the accents that XLMTokenizer takes away.
#pragma once

#include <string>
#include <string_view>

namespace hasten::tokenizer {

// str.lower(): with `in_context` a sigma at a word's end becomes the final one, as in a whole text;
// without, as of each character by itself.
void lower_as_python(std::u32string& text, bool in_context);

// NFC as Python 3.11 has it, whose Unicode is newer than the other tokenizers'.
void compose_as_python(std::u32string& text);

// Its NFD without the marks of category Mn.
void remove_accents(std::u32string& text);

// From and to valid UTF-8.
std::u32string decode_utf8(std::string_view text);
std::string encode_utf8(std::u32string_view text);

}  // namespace hasten::tokenizer
