// The interpreter's matrix product.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hasten::graph {

// One row: to[column] += sum over k of a[k] * b[k, column], for columns in [first, last).
template <typename T>
void multiply_add_row(const T* a, const T* b, T* __restrict to, std::int64_t depth,
                      std::int64_t columns, std::int64_t first, std::int64_t last) {
  for (std::int64_t k = 0; k < depth; ++k) {
    const T factor = a[k];
    const T* const from = b + k * columns;
    for (std::int64_t column = first; column < last; ++column) to[column] += factor * from[column];
  }
}

// Four rows at once, so that a row of b is loaded once for all four.
template <typename T>
void multiply_add_four_rows(const T* a, const T* b, T* __restrict to, std::int64_t depth,
                            std::int64_t columns, std::int64_t first, std::int64_t last) {
  T* __restrict const to_1 = to + columns;
  T* __restrict const to_2 = to_1 + columns;
  T* __restrict const to_3 = to_2 + columns;
  for (std::int64_t k = 0; k < depth; ++k) {
    const T factor_0 = a[k];
    const T factor_1 = a[depth + k];
    const T factor_2 = a[2 * depth + k];
    const T factor_3 = a[3 * depth + k];
    const T* const from = b + k * columns;
    for (std::int64_t column = first; column < last; ++column) {
      const T value = from[column];
      to[column] += factor_0 * value;
      to_1[column] += factor_1 * value;
      to_2[column] += factor_2 * value;
      to_3[column] += factor_3 * value;
    }
  }
}

// c[rows, columns] += a[rows, depth] * b[depth, columns], all row-major and apart from each other.
// Each element of c is summed over the depth in order.
template <typename T>
void multiply_add(const T* a, const T* b, T* c, std::int64_t rows, std::int64_t depth,
                  std::int64_t columns) {
  constexpr std::int64_t k_panel = 256;  // columns that stay in the cache while all rows pass
  for (std::int64_t first = 0; first < columns; first += k_panel) {
    const std::int64_t last = std::min(columns, first + k_panel);
    std::int64_t row = 0;
    for (; row + 4 <= rows; row += 4) {
      multiply_add_four_rows(a + row * depth, b, c + row * columns, depth, columns, first, last);
    }
    for (; row < rows; ++row) {
      multiply_add_row(a + row * depth, b, c + row * columns, depth, columns, first, last);
    }
  }
}

}  // namespace hasten::graph
