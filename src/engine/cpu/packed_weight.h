// Weights in the order in which the kernels read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "engine/cpu/aligned_buffer.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

// A matrix [depth, columns] cut into panels of `panel_columns` columns (the last one: what is left,
// rounded up to 16 and filled with zeros). Within a panel: for each k, its columns side by side.
struct PackedShape {
  std::size_t depth = 0;
  std::size_t columns = 0;
  std::size_t panel_columns = 0;
  std::size_t panels() const { return (columns + panel_columns - 1) / panel_columns; }
  std::size_t panel_width(std::size_t panel) const;  // columns of a panel, rounded up to 16
  std::size_t floats() const { return depth * round_up(columns, 16); }
};

PackedShape packed_shape(const Weight& weight, std::size_t panel_columns);

// Writes shape.floats() floats. Scales of int8 weights are multiplied in.
void pack_float32(const Weight& weight, const PackedShape& shape, float* packed);

// The packed weights of a whole program, in one piece of memory. A matrix that several instructions
// share is packed once.
class WeightStore {
 public:
  // Makes room for every Linear of `program`.
  WeightStore(const Program& program, std::size_t panel_columns);

  // Lives as long as the store.
  const float* float32(const Weight& weight);
  std::size_t bytes() const { return arena_.size(); }

 private:
  using Key = std::tuple<const std::byte*, bool, Precision>;
  static Key key_of(const Weight& weight, Precision precision) {
    return {weight.values.bytes.data(), weight.transposed, precision};
  }

  std::size_t panel_columns_;
  Arena arena_;
  std::map<Key, const std::byte*> packed_;
};

// `values` in float32, or zeros when absent, padded with zeros to `size` elements.
std::vector<float> padded_vector(const Tensor* values, std::size_t size);

}  // namespace hasten::engine::cpu
