#include "tokenizer/bert_normalizer.h"

#include "tokenizer/simple_normalizers.h"
#include "tokenizer/unicode/unicode.h"
#include "tokenizer/unicode_form.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

// Hands over the code points that are left after cleaning, isolated ones between spaces.
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

bool normalize(const BertNormalizer& options, std::string_view text, NormalizerContext& context,
               std::string& out) {
  const auto put = [&](char32_t code) {
    if (options.lowercase) {
      append_lower(code, out);
    } else {
      append_code_point(out, code);
    }
  };
  if (!options.strip_accents.value_or(options.lowercase)) {
    clean_and_isolate(options, text, put);
    return true;
  }
  // Marks are put in order before they are deleted: some that stay have a combining class.
  auto& codes = context.scratch.codes;
  codes.clear();
  clean_and_isolate(options, text, [&](char32_t code) { append_decomposed(code, codes); });
  order_canonically(codes);
  for (const char32_t code : codes) {
    if (!unicode::has(code, unicode::k_nonspacing_mark)) put(code);
  }
  return true;
}

}  // namespace hasten::tokenizer
