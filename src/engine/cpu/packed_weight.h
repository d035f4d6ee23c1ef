// Weights in the order in which the kernels read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "engine/cpu/aligned_buffer.h"
#include "engine/cpu/isa/table.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

// A matrix [depth, columns] cut into panels of `panel_columns` columns (the last one: what is left,
// rounded up to 16 and filled with zeros). Within a panel: for each group of k, its columns side by
// side, each with the group's values (1 for float32, 2 or 4 for bfloat16, 2, 4 or 8 for int8; zeros past
// depth).
struct PackedShape {
  std::size_t depth = 0;
  std::size_t columns = 0;
  std::size_t panel_columns = 0;
  std::size_t group = 1;
  std::size_t panels() const { return (columns + panel_columns - 1) / panel_columns; }
  std::size_t panel_width(std::size_t panel) const;  // columns of a panel, rounded up to 16
  std::size_t elements() const { return round_up(depth, group) * round_up(columns, 16); }
};

// A right operand, ready. Points into a WeightStore.
struct PackedWeight {
  PackedShape shape;
  std::size_t left_bytes = sizeof(float);  // of one element of the left operand
  const void* panels = nullptr;
  const float* column_scales = nullptr;  // int8 only; padded to a multiple of 16
  const float* column_sums = nullptr;    // int8 only: column scale times the sum of the column
};

// The packed weights of a whole program, in one piece of memory. A matrix that several instructions
// share is packed once.
class WeightStore {
 public:
  // Makes room for every Linear of `program`.
  WeightStore(const Program& program, const KernelTable& kernels);

  // What it points to lives as long as the store. `precision` is one that the kernels have.
  // int8: weights stored with scales are taken as they are, others are quantised here, for left
  // operands that are multiplied by the Hadamard matrix where `hadamard`.
  PackedWeight pack(const Weight& weight, Precision precision, bool hadamard);
  std::size_t bytes() const { return arena_.size(); }

 private:
  using Key = std::tuple<const std::byte*, bool, Precision, bool>;
  static Key key_of(const Weight& weight, Precision precision, bool hadamard) {
    return {weight.values.bytes.data(), weight.transposed, precision, hadamard};
  }
  PackedWeight shape_of(const Weight& weight, Precision precision) const;
  static std::size_t element_bytes(const PackedWeight& packed) { return packed.left_bytes; }

  const KernelTable& kernels_;
  Arena arena_;
  std::map<Key, PackedWeight> packed_;
};

// Writes the panels of a row-major matrix in float32: shape.elements() floats at `panels`.
void pack_float32(const std::vector<float>& matrix, const PackedShape& shape, std::byte* panels);

// `values` in float32, or zeros when absent, padded with zeros to `size` elements.
std::vector<float> padded_vector(const Tensor* values, std::size_t size);

}  // namespace hasten::engine::cpu
