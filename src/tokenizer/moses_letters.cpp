#include "tokenizer/moses_letters.h"

#include <algorithm>
#include <vector>

#include "tokenizer/moses/characters.h"
#include "tokenizer/moses/normalize_punctuation.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/unicode_form.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

namespace tables = moses::tables;

// The one letter with a decomposition that is newer than the table's.
constexpr std::u32string_view k_dives_akuru_o = U"\U00011938",
                              k_its_parts = U"\U00011935\U00011930";
constexpr char32_t k_sigma = U'\u03A3', k_small_sigma = U'\u03C3', k_final_sigma = U'\u03C2';

// Unicode Standard, section 3.13, Final_Sigma: a cased letter before, none after, whatever is
// ignored between.
bool is_final(const std::u32string& text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && moses::is(text[before - 1], moses::k_ignored)) --before;
  if (before == 0 || !moses::is(text[before - 1], moses::k_cased)) return false;
  std::size_t after = at + 1;
  while (after < text.size() && moses::is(text[after], moses::k_ignored)) ++after;
  return after == text.size() || !moses::is(text[after], moses::k_cased);
}

unsigned combining_class(char32_t code) {
  if (code < tables::k_combining[0].first) return 0;
  const auto* after =
      std::upper_bound(std::begin(tables::k_combining), std::end(tables::k_combining), code,
                       [](char32_t at, const auto& range) { return at < range.first; });
  const auto& range = *(after - 1);
  return code <= range.last ? range.combining_class : 0;
}

// Sorts each run of marks by their combining class.
void order_marks(std::u32string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (combining_class(text[i]) == 0) continue;
    std::size_t end = i;
    while (end < text.size() && combining_class(text[end]) != 0) ++end;
    std::stable_sort(text.begin() + static_cast<std::ptrdiff_t>(i),
                     text.begin() + static_cast<std::ptrdiff_t>(end), [](char32_t a, char32_t b) {
                       return combining_class(a) < combining_class(b);
                     });
    i = end;
  }
}

void decompose(std::u32string& text) {
  moses::replace_all(text, k_dives_akuru_o, k_its_parts);
  std::vector<char32_t> codes;
  codes.reserve(text.size());
  for (const char32_t code : text) append_decomposed(code, codes);
  text.assign(codes.begin(), codes.end());
  order_marks(text);
}

}  // namespace

void lower_as_python(std::u32string& text, bool in_context) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t code = text[i];
    if (code == k_sigma) {
      out += in_context && is_final(text, i) ? k_final_sigma : k_small_sigma;
      continue;
    }
    // The table knows letters that are newer than Python's Unicode.
    const unicode::Mapping mapping = unicode::lower(code);
    if (mapping.empty() || moses::is(code, moses::k_other)) {
      out += code;
    } else {
      out.append(mapping.begin(), mapping.end());
    }
  }
  text = std::move(out);
}

void compose_as_python(std::u32string& text) {
  decompose(text);
  // With the classes of the same Unicode: marks that the other tables do not know would block
  // nothing there.
  std::vector<char32_t> codes(text.begin(), text.end());
  compose_in_place(codes, combining_class);
  text.assign(codes.begin(), codes.end());
  moses::replace_all(text, k_its_parts, k_dives_akuru_o);
}

void remove_accents(std::u32string& text) {
  decompose(text);
  std::erase_if(text, [](char32_t code) { return moses::is(code, moses::k_mark); });
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  while (cursor != end) out += next_code_point(cursor);
  return out;
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t code : text) append_code_point(out, code);
  return out;
}

}  // namespace hasten::tokenizer
