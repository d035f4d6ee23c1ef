// Operand forms: the 8-bit or bfloat16 copies of a buffer that matrix products read.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/cpu/isa/table.h"
#include "engine/cpu/workspace.h"
#include "engine/program.h"

namespace hasten::engine::cpu {

// What a product at `wanted` precision is computed in with these kernels: bfloat16 falls back to
// float32, int8 is one arithmetic, whether its operands are plain or not.
Precision available_precision(Precision wanted, const KernelTable& kernels);

// The left operand of matrix products in one precision: where it lies and how far its rows are
// apart.
struct OperandForm {
  StorageId values{};
  std::size_t stride = 0;  // elements
  StorageId row_scales{};  // int8 only
  bool hadamard = false;   // int8 only: of the rows times the Hadamard matrix, see hadamard.h
};

// The copies of one buffer. The operation that writes the buffer also writes these, a few rows at a
// time, while the rows are in the cache.
class OperandForms {
 public:
  OperandForms() = default;
  OperandForms(std::size_t width, const KernelTable& kernels) : width_(width), kernels_(&kernels) {}

  std::optional<OperandForm> int8;
  std::optional<OperandForm> bfloat16;

  bool any() const { return int8.has_value() || bfloat16.has_value(); }
  // `rows` rows of float32 values at `values`, of which the first is row `first` of the buffer.
  void write(const float* values, std::size_t first, std::size_t rows,
             const Workspace& workspace) const;

 private:
  std::size_t width_ = 0;
  const KernelTable* kernels_ = nullptr;
};

// Calls produce(first, count) for pieces of the rows [begin, end), each followed by the writing of
// its copies out of `values` (the buffer's row 0).
template <typename Produce>
void produce_rows(const OperandForms& forms, const Workspace& workspace, std::size_t begin,
                  std::size_t end, std::size_t width, const float* values, Produce produce) {
  constexpr std::size_t k_piece = 8;  // rows that stay in the first-level cache
  if (!forms.any()) return produce(begin, end - begin);
  for (std::size_t row = begin; row < end; row += k_piece) {
    const std::size_t count = end - row < k_piece ? end - row : k_piece;
    produce(row, count);
    forms.write(values + row * width, row, count, workspace);
  }
}

}  // namespace hasten::engine::cpu
