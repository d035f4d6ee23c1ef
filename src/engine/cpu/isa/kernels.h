// The work that kernels do, as plain structs, and the types of the functions that do it.
//
// All matrices are row-major; a stride is the distance of two rows in elements. Kernels are
// single-threaded, allocate nothing and throw nothing. Those of float32 and int8 give the same bits
// on every instruction set, whatever rows and panels a call is asked for:
// - each element of a matrix product is one chain of fused multiply-adds over k = 0, 1, ..., from
//   the bias (int8: an exact sum of integers);
// - every other sum is over sixteen lanes in a fixed shape.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/program.h"

namespace hasten::engine::cpu {

// How a row of 8-bit activations stands for numbers: minimum + scale * value, value in 0..255.
struct RowScale {
  float scale;
  float minimum;
};

// How the rows of an operand of 8 or 16 bits lie in memory, `stride` elements each (of float32:
// always k_rows).
enum class OperandLayout {
  k_rows,   // the elements of a row side by side, then the next row
  k_tiles,  // tiles of 16 rows by 64 bytes, each of them row by row: the tiles of the first 16 rows
            // from left to right, then those of the next 16; the stride is whole tiles
};
inline constexpr std::size_t k_operand_tile_rows = 16;
inline constexpr std::size_t k_operand_tile_bytes = 64;  // of a row

// output = activation(left x right + bias) + residual
struct GemmTask {
  // float32, bfloat16 bits, or 8-bit values as wide as the kernel wants, in its layout
  const void* left = nullptr;
  std::size_t left_stride = 0;
  std::size_t rows = 0;
  std::size_t depth = 0;         // columns of left, rows of right
  std::size_t columns = 0;       // of right and output
  const void* panels = nullptr;  // right, see packing.h
  const float* bias = nullptr;   // never null; padded to a multiple of 16, like the next two
  const float* column_scales = nullptr;  // int8: of the weights
  const float* column_sums = nullptr;    // int8: column scale times the sum of the column's weights
  const RowScale* row_scales = nullptr;  // int8: of left
  Activation activation = Activation::k_none;
  bool short_activation =
      false;  // a cheaper form, for results that are rounded to 16 or 8 bits next
  const float* residual = nullptr;  // may be null, may be the output
  std::size_t residual_stride = 0;
  float* output = nullptr;
  std::size_t output_stride = 0;
  // bfloat16 kernels only: the result rounded, instead of `output`, in the layout of their operands;
  // whole vectors of 16 are written. There must be no residual.
  std::uint16_t* rounded_output = nullptr;
};
// Computes the columns of panels [first_panel, last_panel).
using GemmKernel = void (*)(const GemmTask& task, std::size_t first_panel, std::size_t last_panel);

// One head of one sequence: output = softmax(scale * query key^T) value.
struct AttentionTask {
  const float* query = nullptr;
  const float* key = nullptr;
  const float* value = nullptr;  // 15 floats after each row's end must be readable
  std::size_t query_stride = 0;
  std::size_t key_stride = 0;
  std::size_t value_stride = 0;
  std::size_t query_rows = 0;
  std::size_t key_rows = 0;
  std::size_t head_size = 0;
  float scale = 0;
  float* output = nullptr;
  std::size_t output_stride = 0;
  float* scratch = nullptr;  // attention_scratch(key_rows, head_size) floats
};
using AttentionKernel = void (*)(const AttentionTask& task);
// Floats of scratch memory.
inline std::size_t attention_scratch(std::size_t key_rows, std::size_t head_size) {
  return (key_rows + head_size + 1) * 64;
}
inline std::size_t bfloat16_attention_scratch(std::size_t key_rows, std::size_t head_size) {
  return attention_scratch(key_rows, head_size) + (key_rows + 32) * (head_size + 32) +
         (key_rows + head_size + 4) * 32;
}

// The same with scores that depend on the distance d = query - key too:
//   scale * query key^T + query . by_query[d] + key . by_key[d] + bias[d]
// where by_query counts on the scale being in the query. Pointers are to distance 0; distances from
// 1 - key_rows to query_rows - 1 are read, and past the last one up to a multiple of 64 queries.
inline constexpr std::size_t k_no_window = static_cast<std::size_t>(-1) / 2;
struct DistanceAttentionTask {
  AttentionTask content;
  const float* by_query = nullptr;  // [head_size][panel_stride], may be null
  const float* by_key = nullptr;    // the same
  std::size_t panel_stride = 0;
  const float* bias = nullptr;       // may be null
  std::size_t window = k_no_window;  // keys further away are left out
};
using DistanceAttentionKernel = void (*)(const DistanceAttentionTask& task);

// output[d][i] = scale * rows[entries[i]][d] for d < width; count is a multiple of 16.
struct SpreadTask {
  const float* rows = nullptr;
  std::size_t row_stride = 0;
  const std::int32_t* entries = nullptr;
  std::size_t count = 0;
  std::size_t width = 0;
  float scale = 1;
  float* output = nullptr;
  std::size_t output_stride = 0;
};
using SpreadKernel = void (*)(const SpreadTask& task);

// Turns the rows of one head by their positions, see Rotation in program.h. The tables' rows are
// those of the first row's position and the next ones; the output's stride is head_size.
struct RotateTask {
  const float* input = nullptr;
  std::size_t input_stride = 0;
  std::size_t rows = 0;
  std::size_t head_size = 0;
  const float* cosines = nullptr;
  const float* sines = nullptr;
  float* output = nullptr;
};
using RotateKernel = void (*)(const RotateTask& task);

// output = gamma * (x - mean(x)) / sqrt(variance(x) + epsilon) + beta for each row x = input +
// residual.
struct NormalizeTask {
  const float* input = nullptr;
  const float* residual = nullptr;  // may be null
  std::size_t rows = 0;
  std::size_t width = 0;  // also the stride of input, residual and output
  const float* gamma = nullptr;
  const float* beta = nullptr;
  float epsilon = 0;
  float* output = nullptr;  // may be input or residual
};
using NormalizeKernel = void (*)(const NormalizeTask& task);

// The Hadamard matrix of a width has on its diagonal the symmetric orthonormal matrices
//   H_n[i][j] = (-1)^(ones in the bits of i & j) / sqrt(n)
// for as many n = 128 as fit, then at most one n = 64, 32 and 16, and ones for a rest below 16. It
// is its own inverse.
inline constexpr std::size_t k_hadamard_columns = 8192;  // of a row at most

// Rows of numbers -> rows of 8-bit values, each with the scale of its own smallest and largest
// number, in the layout of the products' operands. Writes whole vectors of 16: the stride is a
// multiple of 16. NaN gives some value.
struct QuantizeTask {
  const float* input = nullptr;
  std::size_t rows = 0;
  std::size_t width = 0;   // also the stride of the input
  bool hadamard = false;   // each row is multiplied by sqrt(128) times the Hadamard matrix first
  void* output = nullptr;  // its row 0
  std::size_t output_stride = 0;  // elements
  std::size_t first_row = 0;      // of the output
  RowScale* scales = nullptr;     // of the first row
};
using QuantizeKernel = void (*)(const QuantizeTask& task);

// Rows of numbers -> rows of bfloat16, rounded to nearest even, in the layout of the products'
// operands. Writes whole vectors of 16.
struct RoundTask {
  const float* input = nullptr;
  std::size_t rows = 0;
  std::size_t width = 0;
  std::uint16_t* output = nullptr;  // its row 0
  std::size_t output_stride = 0;
  std::size_t first_row = 0;  // of the output
};
using RoundKernel = void (*)(const RoundTask& task);

// Quantises the columns of a matrix [depth, columns] symmetrically to -127..127: column n stands
// for scales[n] * values[k][n]. Of several scales at and below (largest / 127) the one with the
// smallest sum of squared errors is taken.
struct QuantizeColumnsTask {
  const float* input = nullptr;
  std::size_t depth = 0;
  std::size_t columns = 0;
  std::int8_t* values = nullptr;
  float* scales = nullptr;
};
using QuantizeColumnsKernel = void (*)(const QuantizeColumnsTask& task);

// Applies the activation to each element; output may be input.
using ActivateKernel = void (*)(Activation activation, bool short_form, const float* input,
                                std::size_t input_stride, float* output, std::size_t output_stride,
                                std::size_t rows, std::size_t columns);

// output[row][i] = activation(input[row][i]) * input[row][width + i], rows of 2 width and width.
using GateKernel = void (*)(Activation activation, const float* input, float* output,
                            std::size_t rows, std::size_t width);

// output = left + right; output may be one of them.
using AddKernel = void (*)(const float* left, const float* right, float* output, std::size_t count);

// output = the mean of `rows` rows of `width`.
using MeanKernel = void (*)(const float* input, std::size_t rows, std::size_t width, float* output);

// The multiply-add instruction of a kernel in a register-only loop; returns the operations made.
using PeakKernel = double (*)(std::size_t repetitions);

}  // namespace hasten::engine::cpu
