// Matrices whose columns are stored in blocks of small integers, as MatMulNBits (com.microsoft) has them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// What the node's attributes say. Each column of [inputs, outputs] is cut into blocks of block_size elements, the
// last one filled up; an element has 2, 4 or 8 bits, the first of a byte being in its lowest ones.
struct BlockForm {
  std::int64_t inputs = 0, outputs = 0, bits = 0, block_size = 0;
  std::int64_t blocks() const { return (inputs + block_size - 1) / block_size; }
  std::int64_t bytes_of_block() const { return block_size * bits / 8; }
  std::int64_t zero_bytes() const { return (blocks() * bits + 7) / 8; }  // of a column
};

// Nothing where the attributes are not of that kind.
std::optional<BlockForm> block_form(const Node& node);

// The matrix [inputs, outputs] in row-major order: (element - zero point) * scale. `packed` holds the bytes
// of all blocks, `scales` a number for each block of each column; of the zero points, `packed_zeros` holds the
// bytes, each column starting with a byte of its own, or `zeros` a number for each block; without either all are
// half of the range. Nothing where the sizes do not fit.
std::optional<std::vector<double>> block_weights(const BlockForm& form,
                                                 std::span<const std::int64_t> packed,
                                                 std::span<const double> scales,
                                                 std::span<const std::int64_t> packed_zeros,
                                                 std::span<const double> zeros);

}  // namespace hasten::graph
