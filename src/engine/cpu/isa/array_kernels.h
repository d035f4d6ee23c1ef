// The work that kernels do on arrays of any graph: combining, functions, softmax and the packing of operands.
//
// As in kernels.h: single-threaded, no allocation, no exception, the same bits on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hasten::engine::cpu {

enum class Combination : std::uint8_t { k_add, k_subtract, k_multiply, k_divide };

// One operand of a combination: row r starts at values + r * row_step.
struct CombineOperand {
  const float* values = nullptr;
  std::size_t row_step = 0;
  bool repeats = false;  // the row is one element, read over and over
};

// output[row][i] = left[row][i] combined with right[row][i], the output's rows side by side. The output may be an
// operand whose rows lie side by side too.
struct CombineTask {
  Combination combination = Combination::k_add;
  CombineOperand left, right;
  std::size_t rows = 0;
  std::size_t width = 0;
  float* output = nullptr;
};
using CombineKernel = void (*)(const CombineTask& task);

enum class Function : std::uint8_t {
  k_negate,
  k_absolute,
  k_square_root,
  k_reciprocal,
  k_exponential,     // relative error below 4e-7; 0 and infinity where float32 ends
  k_error_function,  // absolute error below 6e-7
};
// output[i] = function(input[i]); the output may be the input.
using FunctionKernel = void (*)(Function function, const float* input, float* output,
                                std::size_t count);

// Each row of `width` divided by its sum after e^(x - the row's largest): 0 below e^-87.3. The output may be the
// input. The width is at least 1.
using SoftmaxKernel = void (*)(const float* input, float* output, std::size_t rows,
                               std::size_t width);

// Writes the panels of a right operand of a product: element (k, n) is values[k * row_step + n * column_step].
// They are those of PackedShape with the table's panel_columns and group 1.
struct PackTask {
  const float* values = nullptr;
  std::size_t row_step = 0;
  std::size_t column_step = 1;
  std::size_t depth = 0;
  std::size_t columns = 0;
  float* panels = nullptr;
};
using PackKernel = void (*)(const PackTask& task);

struct ArrayKernels {
  CombineKernel combine;
  FunctionKernel apply;
  SoftmaxKernel softmax;
  PackKernel pack;
};

}  // namespace hasten::engine::cpu
