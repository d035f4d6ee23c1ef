// The normalizers that go over the text once. Each appends the normalized form to `out`, or returns
// false when nothing changes: see NormalizerStep::apply().
#pragma once

#include <string>
#include <string_view>

#include "tokenizer/normalizer.h"

namespace hasten::tokenizer {

bool normalize(const Strip& options, std::string_view text, NormalizerContext& context,
               std::string& out);
// How many bytes Strip takes away at the start.
std::size_t count_stripped_left(const Strip& options, std::string_view text);

bool normalize(const StripAccents& options, std::string_view text, NormalizerContext& context,
               std::string& out);
bool normalize(const Lowercase& options, std::string_view text, NormalizerContext& context,
               std::string& out);
bool normalize(const Nmt& options, std::string_view text, NormalizerContext& context,
               std::string& out);
bool normalize(const ByteLevelNormalizer& options, std::string_view text,
               NormalizerContext& context, std::string& out);
bool normalize(const Prepend& options, std::string_view text, NormalizerContext& context,
               std::string& out);

// Appends the lower case of a code point.
void append_lower(char32_t code, std::string& out);

}  // namespace hasten::tokenizer
