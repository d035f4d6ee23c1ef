#include "tokenizer/gpt2_split.h"

#include <array>

#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

enum class Class : unsigned char { k_letter, k_number, k_space, k_other };

Class class_of(std::uint32_t record) {
  if ((record & unicode::k_letter) != 0) return Class::k_letter;
  if ((record & unicode::k_number) != 0) return Class::k_number;
  return (record & unicode::k_white_space) != 0 ? Class::k_space : Class::k_other;
}

const std::array<Class, 128> k_ascii_classes = [] {
  std::array<Class, 128> classes{};
  for (char32_t code = 0; code < 128; ++code) classes[code] = class_of(unicode::record(code));
  return classes;
}();

// The class of the code point at `cursor`, which moves past it.
Class next_class(const char*& cursor) {
  const auto byte = static_cast<unsigned char>(*cursor);
  if (byte < 128) {
    ++cursor;
    return k_ascii_classes[byte];
  }
  return class_of(unicode::record(next_code_point(cursor)));
}

std::size_t contraction_length(std::string_view text) {
  for (const std::string_view end : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(end)) return end.size();
  }
  return 0;
}

// The end of the run of one class at `cursor`; `last` is where its last code point starts.
const char* run_end(const char* cursor, const char* end, Class wanted, const char*& last) {
  while (cursor != end) {
    const char* next = cursor;
    if (next_class(next) != wanted) break;
    last = cursor;
    cursor = next;
  }
  return cursor;
}

}  // namespace

std::size_t gpt2_piece_length(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (*begin == '\'') {
    if (const std::size_t length = contraction_length(text)) return length;
  }
  const char* cursor = begin;
  const char* last = begin;
  Class kind = next_class(cursor);
  if (*begin == ' ' && cursor != end) {
    const char* after = cursor;
    if (const Class second = next_class(after); second != Class::k_space) {
      kind = second;
      cursor = after;
    }
  }
  cursor = run_end(cursor, end, kind, last);
  // White space before a word leaves its last code point to the word.
  if (kind == Class::k_space && cursor != end && last != begin) cursor = last;
  return static_cast<std::size_t>(cursor - begin);
}

}  // namespace hasten::tokenizer
