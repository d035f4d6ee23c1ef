// Matrix products on the engine's kernels.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/cpu/aligned_buffer.h"
#include "engine/generic/step_table.h"

namespace hasten::engine::generic {

// A right operand [depth, columns] in panels.
struct RightOperand {
  const float* panels = nullptr;
  std::size_t depth = 0;
  std::size_t columns = 0;
};

// Rows of a left operand and where their products go.
struct LeftOperand {
  const float* values = nullptr;
  std::size_t row_step = 0;
  std::size_t rows = 0;
};
struct ProductOutput {
  float* values = nullptr;
  std::size_t row_step = 0;
};

// Floats of the panels of an operand.
std::size_t panel_floats(std::size_t depth, std::size_t columns);

// output = activation(left x right + bias); the bias is as long as the columns rounded up to 16, or null.
void multiply(Workbench& bench, const LeftOperand& left, const RightOperand& right,
              const float* bias, Activation activation, const ProductOutput& output);

// A constant right operand, packed once, with what was joined to the product.
struct PreparedProduct final : Prepared {
  cpu::AlignedBuffer panels;
  RightOperand right;
  DType dtype = DType::k_float32;  // of the constant
  std::vector<float> bias;         // padded; empty: none
  Activation activation = Activation::k_none;
};

}  // namespace hasten::engine::generic
