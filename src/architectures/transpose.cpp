#include "architectures/transpose.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/mapped_file.h"

namespace hasten::architectures {
namespace {

// Rows and columns of a tile: a cache line of four-byte elements. Tiles pass through a small
// buffer, because lines that lie a power of two apart would drive each other out of the cache.
constexpr std::int64_t k_tile = 16;

// Source rows after which pages are given back: few enough to keep the peak low.
constexpr std::int64_t k_release_rows = 1024;

template <typename Element>
void transpose_tile(const std::byte* source, std::byte* target, std::int64_t rows,
                    std::int64_t columns, std::int64_t tile_rows, std::int64_t tile_columns) {
  Element tile[k_tile][k_tile];
  for (std::int64_t row = 0; row < tile_rows; ++row) {
    std::memcpy(tile[row], source + row * columns * static_cast<std::int64_t>(sizeof(Element)),
                static_cast<std::size_t>(tile_columns) * sizeof(Element));
  }
  for (std::int64_t column = 0; column < tile_columns; ++column) {
    Element line[k_tile];
    for (std::int64_t row = 0; row < tile_rows; ++row) line[row] = tile[row][column];
    std::memcpy(target + column * rows * static_cast<std::int64_t>(sizeof(Element)), line,
                static_cast<std::size_t>(tile_rows) * sizeof(Element));
  }
}

template <typename Element>
void transpose_elements(const Tensor& matrix, std::byte* target) {
  const std::int64_t rows = matrix.dims[0];
  const std::int64_t columns = matrix.dims[1];
  const std::int64_t size = sizeof(Element);
  std::int64_t released = 0;
  for (std::int64_t row = 0; row < rows; row += k_tile) {
    const std::int64_t tile_rows = std::min(k_tile, rows - row);
    for (std::int64_t column = 0; column < columns; column += k_tile) {
      transpose_tile<Element>(matrix.bytes.data() + (row * columns + column) * size,
                              target + (column * rows + row) * size, rows, columns, tile_rows,
                              std::min(k_tile, columns - column));
    }
    const std::int64_t done = row + tile_rows;
    if (done - released < k_release_rows && done < rows) continue;
    const auto first = static_cast<std::size_t>(released * columns * size);
    const auto last = static_cast<std::size_t>(done * columns * size);
    release_pages(matrix.bytes.subspan(first, last - first), matrix.owner);
    released = done;
  }
}

}  // namespace

Tensor transpose(const Tensor& matrix) {
  assert(matrix.dims.size() == 2);
  const std::shared_ptr<std::byte[]> bytes(new std::byte[matrix.bytes.size()]);
  switch (size_of(matrix.dtype)) {
    case 1:
      transpose_elements<std::uint8_t>(matrix, bytes.get());
      break;
    case 2:
      transpose_elements<std::uint16_t>(matrix, bytes.get());
      break;
    case 4:
      transpose_elements<std::uint32_t>(matrix, bytes.get());
      break;
    default:
      transpose_elements<std::uint64_t>(matrix, bytes.get());
      break;
  }
  return {matrix.dtype,
          {matrix.dims[1], matrix.dims[0]},
          std::span<const std::byte>(bytes.get(), matrix.bytes.size()),
          bytes};
}

}  // namespace hasten::architectures
