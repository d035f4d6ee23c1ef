// Decomposition of code points, and the canonical order of combining marks.
#pragma once

#include <vector>

namespace hasten::tokenizer {

enum class Decomposition { k_canonical, k_compatibility };

// Appends the full decomposition of a code point, not yet in canonical order.
void append_decomposed(char32_t code, Decomposition form, std::vector<char32_t>& out);

// Sorts each run of combining marks by its combining class; equal ones keep their order.
void order_canonically(std::vector<char32_t>& codes);

}  // namespace hasten::tokenizer
