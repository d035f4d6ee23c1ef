// For tests: where an element of a product's left operand lies, see OperandLayout in kernels.h.
#pragma once

#include <cstddef>

#include "engine/cpu/isa/kernels.h"

namespace hasten::engine::cpu::reference {

inline std::size_t rounded_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Elements of `bytes` bytes.
struct Operand {
  OperandLayout layout;
  std::size_t bytes;
  std::size_t stride;
  std::size_t size;  // elements of the whole

  // `multiple` is what the stride of rows is a multiple of; that of tiles is whole tiles.
  Operand(OperandLayout the_layout, std::size_t the_bytes, std::size_t rows, std::size_t columns,
          std::size_t multiple)
      : layout(the_layout), bytes(the_bytes) {
    const bool tiles = layout == OperandLayout::k_tiles;
    stride = rounded_up(columns, tiles ? 64 / bytes : multiple);
    size = stride * rounded_up(rows, tiles ? 16 : 1);
  }

  std::size_t place(std::size_t row, std::size_t column) const {
    if (layout == OperandLayout::k_rows) return row * stride + column;
    const std::size_t width = 64 / bytes;  // of a tile
    const std::size_t tile = row / 16 * (stride / width) + column / width;
    return (tile * 16 + row % 16) * width + column % width;
  }
};

}  // namespace hasten::engine::cpu::reference
