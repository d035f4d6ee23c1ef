#include "engine/cpu/packed_weight.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <variant>

#include "base/half.h"
#include "base/mapped_file.h"
#include "engine/cpu/dense_weight.h"
#include "engine/cpu/hadamard.h"
#include "engine/cpu/operand_forms.h"

namespace hasten::engine::cpu {
namespace {

// Writes shape.elements() elements: convert(value) of each value of the row-major `values`.
template <typename Target, typename Source, typename Convert>
void write_panels(const std::vector<Source>& values, const PackedShape& shape, Target* packed,
                  Convert convert) {
  const std::size_t depth = round_up(shape.depth, shape.group);
  for (std::size_t panel = 0; panel < shape.panels(); ++panel) {
    const std::size_t first = panel * shape.panel_columns;
    const std::size_t width = shape.panel_width(panel);
    const std::size_t filled = std::min(width, shape.columns - first);
    for (std::size_t k = 0; k < depth; ++k) {
      Target* to = packed + k / shape.group * shape.group * width + k % shape.group;
      const bool inside = k < shape.depth;
      for (std::size_t column = 0; column < width; ++column) {
        to[column * shape.group] = inside && column < filled
                                       ? convert(values[k * shape.columns + first + column])
                                       : Target{};
      }
    }
    packed += depth * width;
  }
}

std::size_t scale_bytes(const PackedShape& shape) {
  return round_up(shape.columns, 16) * sizeof(float);
}

// Scales and scaled column sums, padded with zeros.
void write_columns(const DenseInt8& dense, const PackedShape& shape, float* scales, float* sums) {
  std::vector<std::int32_t> totals(shape.columns);
  for (std::size_t k = 0; k < shape.depth; ++k) {
    for (std::size_t n = 0; n < shape.columns; ++n)
      totals[n] += dense.values[k * shape.columns + n];
  }
  for (std::size_t n = 0; n < shape.columns; ++n) {
    scales[n] = dense.scales[n];
    sums[n] = dense.scales[n] * static_cast<float>(totals[n]);
  }
}

}  // namespace

std::size_t PackedShape::panel_width(std::size_t panel) const {
  return round_up(std::min(panel_columns, columns - panel * panel_columns), 16);
}

WeightStore::WeightStore(const Program& program, const KernelTable& kernels) : kernels_(kernels) {
  const std::vector<bool> hadamard = hadamard_buffers(program);
  std::set<Key> seen;
  std::size_t size = 0;
  for (const Instruction& instruction : program.instructions) {
    const auto* linear = std::get_if<Linear>(&instruction);
    if (linear == nullptr) continue;
    const Precision precision = available_precision(linear->precision, kernels);
    const bool mixed =
        precision == Precision::k_int8 && hadamard[static_cast<std::size_t>(linear->input)];
    if (!seen.insert(key_of(linear->weight, precision, mixed)).second) continue;
    const PackedWeight packed = shape_of(linear->weight, precision);
    size += Arena::cost(packed.shape.elements() * element_bytes(packed));
    if (precision == Precision::k_int8) size += 2 * Arena::cost(scale_bytes(packed.shape));
  }
  arena_ = Arena(size);
}

PackedWeight WeightStore::shape_of(const Weight& weight, Precision precision) const {
  PackedWeight packed;
  packed.shape = {static_cast<std::size_t>(weight.inputs()),
                  static_cast<std::size_t>(weight.outputs()), kernels_.panel_columns, 1};
  if (precision == Precision::k_bfloat16) {
    packed.shape.group = kernels_.bfloat16.group;
    packed.shape.panel_columns = kernels_.bfloat16.panel_columns;
    packed.left_bytes = sizeof(std::uint16_t);
  }
  if (precision == Precision::k_int8) {
    packed.shape.group = kernels_.int8.group;
    packed.shape.panel_columns = kernels_.int8.panel_columns;
    packed.left_bytes = kernels_.int8.element_bytes;
  }
  return packed;
}

PackedWeight WeightStore::pack(const Weight& weight, Precision precision, bool hadamard) {
  const auto [entry, is_new] = packed_.try_emplace(key_of(weight, precision, hadamard));
  PackedWeight& packed = entry->second;
  if (!is_new) return packed;
  packed = shape_of(weight, precision);
  const PackedShape& shape = packed.shape;
  std::byte* panels = arena_.allocate(shape.elements() * element_bytes(packed));
  packed.panels = panels;
  switch (precision) {
    case Precision::k_float32:
      pack_float32(dense_float32(weight), shape, panels);
      break;
    case Precision::k_bfloat16:
      write_panels(dense_float32(weight), shape, reinterpret_cast<std::uint16_t*>(panels),
                   float_to_bfloat16);
      break;
    case Precision::k_int8_plain:  // is computed in k_int8
    case Precision::k_float16:
    case Precision::k_float8:
      break;  // engine/device.cpp refuses them
    case Precision::k_int8: {
      const DenseInt8 dense = dense_int8(weight, hadamard, kernels_.quantize_columns);
      auto* scales = reinterpret_cast<float*>(arena_.allocate(scale_bytes(shape)));
      auto* sums = reinterpret_cast<float*>(arena_.allocate(scale_bytes(shape)));
      write_columns(dense, shape, scales, sums);
      packed.column_scales = scales;
      packed.column_sums = sums;
      if (packed.left_bytes == 1) {
        write_panels(dense.values, shape, reinterpret_cast<std::int8_t*>(panels),
                     [](std::int8_t value) { return value; });
      } else {
        write_panels(dense.values, shape, reinterpret_cast<std::int16_t*>(panels),
                     [](std::int8_t value) { return static_cast<std::int16_t>(value); });
      }
      break;
    }
  }
  // Whoever reads the file's own bytes again finds them in the system's cache.
  release_pages(weight.values.bytes, weight.values.owner);
  return packed;
}

void pack_float32(const std::vector<float>& matrix, const PackedShape& shape, std::byte* panels) {
  write_panels(matrix, shape, reinterpret_cast<float*>(panels), [](float value) { return value; });
}

std::vector<float> padded_vector(const Tensor* values, std::size_t size) {
  std::vector<float> result;
  if (values != nullptr) result = to_float32(*values);
  assert(result.size() <= size);
  result.resize(size);
  return result;
}

}  // namespace hasten::engine::cpu
