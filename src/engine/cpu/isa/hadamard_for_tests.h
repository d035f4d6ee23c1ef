// The Hadamard matrix of kernels.h in double precision, element by element.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <vector>

namespace hasten::engine::cpu::reference {

// Row-major, width x width.
inline std::vector<double> hadamard_matrix(std::size_t width) {
  std::vector<double> matrix(width * width);
  std::size_t first = 0;
  for (std::size_t block = 128; first<width; block = block> 16 ? block / 2 : 1) {
    for (; first + block <= width; first += block) {
      for (std::size_t i = 0; i < block; ++i) {
        for (std::size_t j = 0; j < block; ++j) {
          const double sign = std::popcount(i & j) % 2 == 0 ? 1 : -1;
          matrix[(first + i) * width + first + j] = sign / std::sqrt(static_cast<double>(block));
        }
      }
    }
  }
  return matrix;
}

}  // namespace hasten::engine::cpu::reference
