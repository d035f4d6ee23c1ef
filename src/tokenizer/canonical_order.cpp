#include "tokenizer/canonical_order.h"

#include <algorithm>

#include "tokenizer/unicode/unicode.h"

namespace hasten::tokenizer {

void append_decomposed(char32_t code, Decomposition form, std::vector<char32_t>& out) {
  if (code < 0xA0) {
    out.push_back(code);
    return;
  }
  if (unicode::is_hangul_syllable(code)) {
    char32_t jamo[3];
    out.insert(out.end(), jamo, jamo + unicode::decompose_hangul(code, jamo));
    return;
  }
  const unicode::Mapping mapping = form == Decomposition::k_canonical
                                       ? unicode::canonical_decomposition(code)
                                       : unicode::compatibility_decomposition(code);
  if (mapping.empty()) {
    out.push_back(code);
  } else {
    out.insert(out.end(), mapping.begin(), mapping.end());
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

}  // namespace hasten::tokenizer
