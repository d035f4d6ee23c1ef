// The interpreter's matrix product.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hasten::graph {

// c[rows, columns] += a[rows, depth] * b[depth, columns], all row-major. Each element of c is
// summed over the depth in order.
template <typename Real>
void multiply_add(const Real* a, const Real* b, Real* c, std::int64_t rows, std::int64_t depth,
                  std::int64_t columns) {
  constexpr std::int64_t k_panel = 512;  // columns that stay in the cache while all rows pass
  for (std::int64_t first = 0; first < columns; first += k_panel) {
    const std::int64_t last = std::min(columns, first + k_panel);
    for (std::int64_t row = 0; row < rows; ++row) {
      Real* const to = c + row * columns;
      for (std::int64_t k = 0; k < depth; ++k) {
        const Real factor = a[row * depth + k];
        const Real* const from = b + k * columns;
        for (std::int64_t column = first; column < last; ++column)
          to[column] += factor * from[column];
      }
    }
  }
}

}  // namespace hasten::graph
