#include "tokenizer/unicode_form.h"

#include <algorithm>

#include "tokenizer/unicode/unicode.h"
#include "tokenizer/utf8.h"

namespace hasten::tokenizer {
namespace {

using Form = UnicodeForm::Form;

unicode::Flag inert_flag(Form form) {
  switch (form) {
    case Form::k_nfd:
      return unicode::k_nfd_inert;
    case Form::k_nfkd:
      return unicode::k_nfkd_inert;
    case Form::k_nfc:
      return unicode::k_nfc_inert;
    default:
      return unicode::k_nfkc_inert;
  }
}

// Whether every code point stays as it is under a form.
bool is_inert(Form form, std::string_view text) {
  const unicode::Flag flag = inert_flag(form);
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  while (cursor != end) {
    if (static_cast<unsigned char>(*cursor) < 128) {
      ++cursor;
    } else if (!unicode::has(next_code_point(cursor), flag)) {
      return false;
    }
  }
  return true;
}

void append_mapped(char32_t code, unicode::Mapping mapping, std::vector<char32_t>& out) {
  if (mapping.empty()) {
    out.push_back(code);
  } else {
    out.insert(out.end(), mapping.begin(), mapping.end());
  }
}

}  // namespace

void compose_in_place(std::vector<char32_t>& codes, unsigned (*class_of)(char32_t)) {
  std::size_t starter = codes.size();  // none yet
  std::size_t kept = 0;
  unsigned last_class = 0;
  for (const char32_t code : codes) {
    const unsigned combining_class = class_of(code);
    const bool adjacent = starter + 1 == kept;
    const bool blocked = !adjacent && last_class >= combining_class;
    if (starter < kept && !blocked) {
      if (const char32_t composite = unicode::compose(codes[starter], code)) {
        codes[starter] = composite;
        continue;
      }
    }
    if (combining_class == 0) starter = kept;
    last_class = combining_class;
    codes[kept++] = code;
  }
  codes.resize(kept);
}

void append_decomposed(char32_t code, std::vector<char32_t>& out) {
  if (code < 0xC0) {
    out.push_back(code);
  } else if (unicode::is_hangul_syllable(code)) {
    char32_t jamo[3];
    out.insert(out.end(), jamo, jamo + unicode::decompose_hangul(code, jamo));
  } else {
    append_mapped(code, unicode::canonical_decomposition(code), out);
  }
}

void order_canonically(std::vector<char32_t>& codes) {
  const auto starts = [](char32_t code) {
    return code < 0x300 || unicode::combining_class(code) == 0;
  };
  for (auto from = codes.begin(); from != codes.end();) {
    from = std::find_if_not(from, codes.end(), starts);
    const auto to = std::find_if(from, codes.end(), starts);
    if (to - from > 1) {
      std::stable_sort(from, to, [](char32_t a, char32_t b) {
        return unicode::combining_class(a) < unicode::combining_class(b);
      });
    }
    from = to;
  }
}

bool normalize(const UnicodeForm& options, std::string_view text, NormalizerContext& context,
               std::string& out) {
  if (is_inert(options.form, text)) return false;
  const bool compatible = options.form == Form::k_nfkd || options.form == Form::k_nfkc;
  auto& codes = context.scratch.codes;
  codes.clear();
  const char* cursor = text.data();
  const char* const end = cursor + text.size();
  while (cursor != end) {
    const char32_t code = next_code_point(cursor);
    if (compatible && !unicode::is_hangul_syllable(code)) {
      append_mapped(code, unicode::compatibility_decomposition(code), codes);
    } else {
      append_decomposed(code, codes);
    }
  }
  order_canonically(codes);
  if (options.form == Form::k_nfc || options.form == Form::k_nfkc)
    compose_in_place(codes, unicode::combining_class);
  for (const char32_t code : codes) append_code_point(out, code);
  return true;
}

}  // namespace hasten::tokenizer
