// Named classes of code points in regular expressions, with Oniguruma's meaning.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hasten::tokenizer {

// Whether a code point belongs to a class.
using CodePointTest = std::function<bool(char32_t)>;

// \p{name}: a general category, a script or a property, by its short or long name; none for those
// that are not known here. Case, spaces, hyphens and underscores do not count.
std::optional<CodePointTest> find_property(std::string_view name);

// [:name:]
std::optional<CodePointTest> find_posix_class(std::string_view name);

// \d \s \w \h; none for other letters. In brackets \w lacks the numbers of Latin-1 that it has
// outside.
std::optional<CodePointTest> find_escape_class(char letter, bool in_bracket);

// The code points of a class, or the others, as RE2 writes ranges in brackets.
std::string class_ranges(const CodePointTest& test, bool negated);

}  // namespace hasten::tokenizer
