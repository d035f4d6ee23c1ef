#include "engine/cpu/packed_weight.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <variant>

namespace hasten::engine::cpu {
namespace {

// Elements as they are stored, in float32.
std::vector<float> stored_values(const Weight& weight) {
  if (weight.values.dtype != DType::k_int8) return to_float32(weight.values);
  std::vector<float> values(weight.values.bytes.size());
  std::transform(weight.values.bytes.begin(), weight.values.bytes.end(), values.begin(),
                 [](std::byte byte) { return static_cast<float>(static_cast<std::int8_t>(byte)); });
  return values;
}

}  // namespace

std::size_t PackedShape::panel_width(std::size_t panel) const {
  return round_up(std::min(panel_columns, columns - panel * panel_columns), 16);
}

PackedShape packed_shape(const Weight& weight, std::size_t panel_columns) {
  return {static_cast<std::size_t>(weight.inputs()), static_cast<std::size_t>(weight.outputs()),
          panel_columns};
}

void pack_float32(const Weight& weight, const PackedShape& shape, float* packed) {
  const std::vector<float> values = stored_values(weight);
  const std::vector<float> scales =
      weight.scales ? to_float32(*weight.scales) : std::vector<float>(shape.columns, 1.0F);
  assert(scales.size() == shape.columns);
  const std::size_t row_step = weight.transposed ? 1 : shape.columns;
  const std::size_t column_step = weight.transposed ? shape.depth : 1;
  for (std::size_t panel = 0; panel < shape.panels(); ++panel) {
    const std::size_t first = panel * shape.panel_columns;
    const std::size_t width = shape.panel_width(panel);
    const std::size_t filled = std::min(width, shape.columns - first);
    for (std::size_t k = 0; k < shape.depth; ++k, packed += width) {
      const float* row = values.data() + k * row_step + first * column_step;
      for (std::size_t column = 0; column < filled; ++column) {
        packed[column] = row[column * column_step] * scales[first + column];
      }
      std::fill(packed + filled, packed + width, 0.0F);
    }
  }
}

WeightStore::WeightStore(const Program& program, std::size_t panel_columns)
    : panel_columns_(panel_columns) {
  std::set<Key> seen;
  std::size_t size = 0;
  for (const Instruction& instruction : program.instructions) {
    const auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr || !seen.insert(key_of(linear->weight, linear->precision)).second)
      continue;
    size += Arena::cost(packed_shape(linear->weight, panel_columns).floats() * sizeof(float));
  }
  arena_ = Arena(size);
}

const float* WeightStore::float32(const Weight& weight) {
  const std::byte*& packed = packed_[key_of(weight, Precision::k_float32)];
  if (packed == nullptr) {
    const PackedShape shape = packed_shape(weight, panel_columns_);
    auto* memory = reinterpret_cast<float*>(arena_.allocate(shape.floats() * sizeof(float)));
    pack_float32(weight, shape, memory);
    packed = reinterpret_cast<const std::byte*>(memory);
  }
  return reinterpret_cast<const float*>(packed);
}

std::vector<float> padded_vector(const Tensor* values, std::size_t size) {
  std::vector<float> result;
  if (values != nullptr) result = to_float32(*values);
  assert(result.size() <= size);
  result.resize(size);
  return result;
}

}  // namespace hasten::engine::cpu
