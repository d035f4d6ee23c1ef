// Block sizes: how much is computed at once. Large blocks read weights seldom, small ones keep
// activations in the caches.
#pragma once

#include <cstddef>

#include "engine/cpu/isa/table.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

struct BlockSizes {
  std::size_t pass_tokens;    // that go through all operations before the next ones do
  std::size_t operand_bytes;  // of rows that are multiplied by a whole matrix before the next ones
  std::size_t operand_rows;   // ... at least
  std::size_t
      result_bytes;  // of a product's float32 rows that are written before they are quantised
  std::size_t row_multiple;  // of the rows of a block

  // Rows of so many bytes each.
  std::size_t rows_of_operand(std::size_t row_bytes) const;
  std::size_t rows_of_result(std::size_t row_bytes) const;
};

// Products on tile registers outrun the second-level cache: where `program` has some with these
// kernels, blocks are larger.
BlockSizes block_sizes(const Program& program, const KernelTable& kernels);

}  // namespace hasten::engine::cpu
