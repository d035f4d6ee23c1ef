#include "graph/block_weights.h"

namespace hasten::graph {
namespace {

// So that no product of sizes leaves 64 bits.
constexpr std::int64_t k_most_elements = std::int64_t{1} << 40;
constexpr std::int64_t k_most_in_block = std::int64_t{1} << 16;

std::int64_t element_at(std::span<const std::int64_t> bytes, std::int64_t first_byte,
                        std::int64_t index, std::int64_t bits) {
  const std::int64_t bit = index * bits;
  const std::int64_t byte = bytes[static_cast<std::size_t>(first_byte + bit / 8)];
  return byte >> (bit % 8) & ((std::int64_t{1} << bits) - 1);
}

bool has_size(std::size_t size, std::int64_t expected) {
  return static_cast<std::int64_t>(size) == expected;
}

}  // namespace

std::optional<BlockForm> block_form(const Node& node) {
  const BlockForm form{node.integer("K", 0), node.integer("N", 0), node.integer("bits", 4),
                       node.integer("block_size", 0)};
  const bool is_known = form.bits == 2 || form.bits == 4 || form.bits == 8;
  if (!is_known || form.inputs <= 0 || form.outputs <= 0 || form.block_size <= 0 ||
      form.block_size > k_most_in_block || form.block_size * form.bits % 8 != 0 ||
      form.inputs > k_most_elements / form.outputs) {
    return std::nullopt;
  }
  return form;
}

std::optional<std::vector<double>> block_weights(const BlockForm& form,
                                                 std::span<const std::int64_t> packed,
                                                 std::span<const double> scales,
                                                 std::span<const std::int64_t> packed_zeros,
                                                 std::span<const double> zeros) {
  const std::int64_t count = form.outputs * form.blocks();
  if (!has_size(packed.size(), count * form.bytes_of_block()) || !has_size(scales.size(), count) ||
      !(packed_zeros.empty() || has_size(packed_zeros.size(), form.outputs * form.zero_bytes())) ||
      !(zeros.empty() || has_size(zeros.size(), count))) {
    return std::nullopt;
  }
  std::vector<double> matrix(static_cast<std::size_t>(form.inputs * form.outputs));
  for (std::int64_t column = 0; column < form.outputs; ++column) {
    for (std::int64_t row = 0; row < form.inputs; ++row) {
      const std::int64_t block = row / form.block_size;
      const std::int64_t at = column * form.blocks() + block;
      double zero = static_cast<double>(std::int64_t{1} << (form.bits - 1));
      if (!packed_zeros.empty()) {
        zero = static_cast<double>(
            element_at(packed_zeros, column * form.zero_bytes(), block, form.bits));
      }
      if (!zeros.empty()) zero = zeros[static_cast<std::size_t>(at)];
      const std::int64_t element =
          element_at(packed, at * form.bytes_of_block(), row % form.block_size, form.bits);
      matrix[static_cast<std::size_t>(row * form.outputs + column)] =
          (static_cast<double>(element) - zero) * scales[static_cast<std::size_t>(at)];
    }
  }
  return matrix;
}

}  // namespace hasten::graph
