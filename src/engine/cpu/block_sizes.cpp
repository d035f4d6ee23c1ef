#include "engine/cpu/block_sizes.h"

#include <algorithm>
#include <variant>

#include "engine/cpu/operand_forms.h"

namespace hasten::engine::cpu {
namespace {

// Measured: docs/numbers.md, "Block sizes". A processor with tile registers has at least two
// mebibytes of second-level cache a core, the others half a mebibyte.
constexpr BlockSizes k_for_vectors{
    .pass_tokens = 192,
    .operand_bytes = 0,
    .operand_rows = 192,
    .result_bytes = std::size_t{512} << 10,
    .row_multiple = 6,
};
constexpr BlockSizes k_for_tiles{
    .pass_tokens = 384,
    .operand_bytes = std::size_t{1200} << 10,
    .operand_rows = 192,
    .result_bytes = std::size_t{1152} << 10,
    .row_multiple = 2 * k_operand_tile_rows,
};

bool multiplies_tiles(const Instruction& instruction, const KernelTable& kernels) {
  const auto* linear = std::get_if<Linear>(&instruction);
  if (linear == nullptr) return false;
  switch (available_precision(linear->precision, kernels)) {
    case Precision::k_int8:
      return kernels.int8.layout == OperandLayout::k_tiles;
    case Precision::k_bfloat16:
      return kernels.bfloat16.layout == OperandLayout::k_tiles;
    default:
      return false;
  }
}

}  // namespace

std::size_t BlockSizes::rows_of_operand(std::size_t row_bytes) const {
  return std::max(operand_rows, operand_bytes / std::max<std::size_t>(1, row_bytes) / row_multiple *
                                    row_multiple);
}

std::size_t BlockSizes::rows_of_result(std::size_t row_bytes) const {
  return std::max(row_multiple,
                  result_bytes / std::max<std::size_t>(1, row_bytes) / row_multiple * row_multiple);
}

BlockSizes block_sizes(const Program& program, const KernelTable& kernels) {
  const bool tiles = std::any_of(
      program.instructions.begin(), program.instructions.end(),
      [&](const Instruction& instruction) { return multiplies_tiles(instruction, kernels); });
  return tiles ? k_for_tiles : k_for_vectors;
}

}  // namespace hasten::engine::cpu
