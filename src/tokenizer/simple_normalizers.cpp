#include "tokenizer/simple_normalizers.h"

#include <algorithm>

#include "tokenizer/byte_stand_ins.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// Copies the text without the code points that `removed` picks.
template <typename Removed>
bool remove_if(std::string_view text, std::string& out, Removed&& removed) {
  const std::size_t before = out.size();
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  while (cursor != end) {
    const char* const at = cursor;
    if (!removed(next_code_point(cursor))) out.append(at, cursor);
  }
  if (out.size() - before != text.size()) return true;
  out.resize(before);
  return false;
}

// Nmt of the library: deleted, or taken for white space.
bool is_nmt_removed(char32_t code) {
  return (code >= 0x01 && code <= 0x08) || code == 0x0B || (code >= 0x0E && code <= 0x1F) ||
         code == 0x7F || code == 0x8F || code == 0x9F;
}
bool is_nmt_space(char32_t code) {
  return code == 0x09 || code == 0x0A || code == 0x0C || code == 0x0D || code == 0x1680 ||
         (code >= 0x200B && code <= 0x200F) || code == 0x2028 || code == 0x2029 || code == 0x2581 ||
         code == 0xFEFF || code == 0xFFFD;
}

}  // namespace

std::size_t count_stripped_left(const Strip& options, std::string_view text) {
  const char* begin = text.data();
  const char* const end = begin + text.size();
  for (const char* cursor = begin; options.left && begin != end; begin = cursor) {
    if (!unicode::has(next_code_point(cursor), unicode::k_white_space)) break;
  }
  return static_cast<std::size_t>(begin - text.data());
}

bool normalize(const Strip& options, std::string_view text, NormalizerContext&, std::string& out) {
  const char* const begin = text.data() + count_stripped_left(options, text);
  const char* end = text.data() + text.size();
  for (const char* cursor = end; options.right && begin != end; end = cursor) {
    if (!unicode::has(previous_code_point(cursor), unicode::k_white_space)) break;
  }
  if (static_cast<std::size_t>(end - begin) == text.size()) return false;
  out.append(begin, end);
  return true;
}

bool normalize(const StripAccents&, std::string_view text, NormalizerContext&, std::string& out) {
  return remove_if(text, out, [](char32_t code) {
    return code >= 0x300 && unicode::has(code, unicode::k_mark);
  });
}

void append_lower(char32_t code, std::string& out) {
  const unicode::Mapping mapping = unicode::lower(code);
  if (mapping.empty()) {
    append_code_point(out, code);
  } else {
    for (const char32_t lower : mapping) append_code_point(out, lower);
  }
}

bool normalize(const Lowercase&, std::string_view text, NormalizerContext&, std::string& out) {
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  while (cursor != end) {
    const auto byte = static_cast<unsigned char>(*cursor);
    if (byte < 128) {
      out.push_back(static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte));
      ++cursor;
    } else {
      append_lower(next_code_point(cursor), out);
    }
  }
  return true;
}

bool normalize(const Nmt&, std::string_view text, NormalizerContext&, std::string& out) {
  std::string kept;
  const bool removed = remove_if(text, kept, is_nmt_removed);
  const std::string_view rest = removed ? std::string_view(kept) : text;
  const char* cursor = rest.data();
  const char* const end = cursor + rest.size();
  while (cursor != end) {
    const char* const at = cursor;
    if (is_nmt_space(next_code_point(cursor))) {
      out.push_back(' ');
    } else {
      out.append(at, cursor);
    }
  }
  return true;
}

bool normalize(const ByteLevelNormalizer&, std::string_view text, NormalizerContext&,
               std::string& out) {
  for (const char byte : text) {
    append_code_point(out, byte_stand_in(static_cast<unsigned char>(byte)));
  }
  return true;
}

bool normalize(const Prepend& options, std::string_view text, NormalizerContext&,
               std::string& out) {
  if (text.empty() || options.text.empty()) return false;
  out.append(options.text).append(text);
  return true;
}

}  // namespace hasten::tokenizer
