#include "engine/cpu/hadamard.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "engine/cpu/isa/kernels.h"

namespace hasten::engine::cpu {
namespace {

constexpr std::size_t k_largest_block = 128;
constexpr std::size_t k_smallest_block = 16;

// `count` columns of `block` rows at `rows`, which are `stride` floats apart.
void multiply_block(float* rows, std::size_t block, std::size_t count, std::size_t stride) {
  for (std::size_t distance = 1; distance < block; distance *= 2) {
    for (std::size_t k = 0; k < block; ++k) {
      if ((k & distance) != 0) continue;
      float* low = rows + k * stride;
      float* high = low + distance * stride;
      for (std::size_t n = 0; n < count; ++n) {
        const float sum = low[n] + high[n];
        high[n] = low[n] - high[n];
        low[n] = sum;
      }
    }
  }
  const float factor = 1.0F / std::sqrt(static_cast<float>(block * k_largest_block));
  for (std::size_t k = 0; k < block; ++k) {
    for (std::size_t n = 0; n < count; ++n) rows[k * stride + n] *= factor;
  }
}

}  // namespace

std::vector<bool> hadamard_buffers(const Program& program) {
  std::vector<bool> result;
  for (const Buffer& buffer : program.buffers) {
    result.push_back(buffer.width <= static_cast<std::int64_t>(k_hadamard_columns));
  }
  for (const Instruction& instruction : program.instructions) {
    const auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr) continue;
    const bool is_stored = linear->precision == Precision::k_int8 && linear->weight.scales;
    if (is_stored || linear->precision == Precision::k_int8_plain) {
      result[static_cast<std::size_t>(linear->input)] = false;
    }
  }
  return result;
}

void multiply_by_hadamard(std::vector<float>& matrix, std::size_t columns) {
  constexpr std::size_t k_strip = 64;  // columns of a block that stay in the first-level cache
  const std::size_t depth = matrix.size() / columns;
  std::size_t first = 0;
  for (std::size_t block = k_largest_block; block >= k_smallest_block; block /= 2) {
    for (; first + block <= depth; first += block) {
      for (std::size_t n = 0; n < columns; n += k_strip) {
        multiply_block(&matrix[first * columns + n], block, std::min(k_strip, columns - n),
                       columns);
      }
    }
  }
  for (; first < depth; ++first) multiply_block(&matrix[first * columns], 1, columns, columns);
}

}  // namespace hasten::engine::cpu
