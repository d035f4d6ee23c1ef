// Unicode normalization forms, with the data of the pinned library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/normalizer.h"

namespace hasten::tokenizer {

// NFD, NFKD, NFC or NFKC: see NormalizerStep::apply().
bool normalize(const UnicodeForm& options, std::string_view text, NormalizerContext& context,
               std::string& out);

// Appends the full canonical decomposition of a code point, not yet in canonical order.
void append_decomposed(char32_t code, std::vector<char32_t>& out);

// Canonical composition of decomposed and ordered code points (Unicode Standard, section 3.11, D117): each
// starter takes in the marks and starters after it that nothing blocks, by the combining classes of `class_of`.
void compose_in_place(std::vector<char32_t>& codes, unsigned (*class_of)(char32_t));

// Sorts each run of combining marks by its combining class; equal ones keep their order.
void order_canonically(std::vector<char32_t>& codes);

}  // namespace hasten::tokenizer
