#include "engine/cpu/operand_forms.h"

namespace hasten::engine::cpu {

Precision available_precision(Precision wanted, const KernelTable& kernels) {
  if (wanted == Precision::k_int8_plain) return Precision::k_int8;
  const bool absent = wanted == Precision::k_bfloat16 && kernels.bfloat16.gemm == nullptr;
  return absent ? Precision::k_float32 : wanted;
}

void OperandForms::write(const float* values, std::size_t first, std::size_t rows,
                         const Workspace& workspace) const {
  if (int8) {
    kernels_->int8.quantize({.input = values,
                             .rows = rows,
                             .width = width_,
                             .hadamard = int8->hadamard,
                             .output = workspace.at<std::byte>(int8->values),
                             .output_stride = int8->stride,
                             .first_row = first,
                             .scales = workspace.at<RowScale>(int8->row_scales) + first});
  }
  if (bfloat16) {
    kernels_->bfloat16.round({.input = values,
                              .rows = rows,
                              .width = width_,
                              .output = workspace.at<std::uint16_t>(bfloat16->values),
                              .output_stride = bfloat16->stride,
                              .first_row = first});
  }
}

}  // namespace hasten::engine::cpu
