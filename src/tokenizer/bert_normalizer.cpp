#include "tokenizer/bert_normalizer.h"

#include "tokenizer/canonical_order.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

void append_lower(char32_t code, std::string& out) {
  const unicode::Mapping mapping = unicode::lower(code);
  if (mapping.empty()) {
    append_code_point(out, code);
  } else {
    for (const char32_t lower : mapping) append_code_point(out, lower);
  }
}

// The code points after cleaning and isolating; deleted ones are left out.
template <typename Handle>
void clean_and_isolate(const BertNormalizer& options, std::string_view text, Handle&& handle) {
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  while (cursor != end) {
    char32_t code = next_code_point(cursor);
    const std::uint32_t record = unicode::record(code);
    if (options.clean_text) {
      if ((record & unicode::k_clean_removed) != 0) continue;
      if ((record & unicode::k_white_space) != 0) code = ' ';
    }
    const bool isolate = options.handle_chinese_chars && (record & unicode::k_cjk) != 0;
    if (isolate) handle(U' ');
    handle(code);
    if (isolate) handle(U' ');
  }
}

}  // namespace

void normalize_bert(const BertNormalizer& options, std::string_view text,
                    std::vector<char32_t>& codes, std::string& out) {
  const bool strip_accents = options.strip_accents.value_or(options.lowercase);
  const auto put = [&](char32_t code) {
    if (options.lowercase) {
      append_lower(code, out);
    } else {
      append_code_point(out, code);
    }
  };
  if (!strip_accents) {
    clean_and_isolate(options, text, put);
    return;
  }
  // Marks are put in order before they are deleted: some that stay have a combining class.
  codes.clear();
  clean_and_isolate(options, text, [&](char32_t code) {
    append_decomposed(code, Decomposition::k_canonical, codes);
  });
  order_canonically(codes);
  for (const char32_t code : codes) {
    if (!unicode::has(code, unicode::k_nonspacing_mark)) put(code);
  }
}

}  // namespace hasten::tokenizer
