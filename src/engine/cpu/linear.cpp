// Linear: blocked matrix products over prepacked weights.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "engine/cpu/builder.h"
#include "engine/instruction_names.h"

namespace hasten::engine::cpu {
namespace {

GemmKernel kernel_of(Precision precision, const KernelTable& kernels) {
  switch (precision) {
    case Precision::k_float32:
      return kernels.gemm_float32;
    case Precision::k_bfloat16:
      return kernels.bfloat16.gemm;
    case Precision::k_int8:
      return kernels.int8.gemm;
    case Precision::k_int8_plain:  // is computed in k_int8
    case Precision::k_float16:
    case Precision::k_float8:
      break;  // engine/device.cpp refuses them
  }
  return nullptr;
}

class LinearOperation final : public Operation {
 public:
  LinearOperation(const Linear& linear, const Builder& builder)
      : precision_(available_precision(linear.precision, builder.kernels)),
        kernel_(kernel_of(precision_, builder.kernels)),
        left_(left_of(linear, builder)),
        weight_(builder.weights.pack(linear.weight, precision_, left_.hadamard)),
        rows_(builder.rows(linear.output)),
        bias_(padded_vector(linear.bias ? &*linear.bias : nullptr, round_up(columns(), 16))),
        output_(builder.buffers.float32(linear.output)),
        keeps_output_(builder.buffers.keeps_float32(linear.output)),
        forms_(builder.output_forms()) {
    assert(builder.width(linear.input) == weight_.shape.depth);
    assert(builder.width(linear.output) == columns() && builder.rows(linear.input) == rows_);
    task_.left_stride = left_.stride;
    task_.depth = weight_.shape.depth;
    task_.columns = task_.output_stride = task_.residual_stride = columns();
    task_.panels = weight_.panels;
    task_.bias = bias_.data();
    task_.column_scales = weight_.column_scales;
    task_.column_sums = weight_.column_sums;
    task_.activation = linear.activation;
    // The result is rounded to 16 or 8 bits before anybody reads it.
    task_.short_activation = !keeps_output_;
    has_residual_ = linear.residual != k_no_buffer;
    rounds_ = precision_ == Precision::k_bfloat16 && !keeps_output_ && !has_residual_ &&
              forms_.bfloat16 && !forms_.int8;
    if (rounds_) task_.output_stride = forms_.bfloat16->stride;
    block_rows_ = builder.buffers.block_sizes().rows_of_operand(left_.stride * weight_.left_bytes);
    if (!rounds_) block_rows_ = std::min(block_rows_, builder.buffers.block_rows(linear.output));
    if (has_residual_) {
      assert(builder.width(linear.residual) == columns() && builder.rows(linear.residual) == rows_);
      residual_ = builder.buffers.float32(linear.residual);
    }
  }

  // Workers share the panels of each block of rows, and then, where the output has other forms, its
  // rows.
  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const std::size_t rows = row_count(batch, rows_);
    const Range panels = worker.share(weight_.shape.panels());
    float* output = workspace.at<float>(output_);
    for (std::size_t row = 0; row < rows; row += block_rows_) {
      GemmTask task = task_;
      task.rows = std::min(block_rows_, rows - row);
      task.output = keeps_output_ ? output + row * columns() : output;
      set_left(task, workspace, row);
      if (has_residual_) task.residual = workspace.at<float>(residual_) + row * columns();
      if (rounds_) {
        task.rounded_output =
            workspace.at<std::uint16_t>(forms_.bfloat16->values) + row * task.output_stride;
      }
      kernel_(task, panels.begin, panels.end);
      if (rounds_ || !forms_.any()) continue;
      worker.meet();
      const Range share = worker.share(task.rows);
      forms_.write(task.output + share.begin * columns(), row + share.begin,
                   share.end - share.begin, workspace);
      if (!keeps_output_) worker.meet();  // the next block overwrites this one
    }
  }

  double flops(const RaggedBatch& batch) const override {
    return 2.0 * static_cast<double>(row_count(batch, rows_)) *
           static_cast<double>(weight_.shape.depth) * static_cast<double>(columns());
  }

  std::string name() const override {
    // Others that read the input decide too whether its 8-bit form is plain.
    const bool is_plain = precision_ == Precision::k_int8 && !left_.hadamard;
    return fmt::format("Linear {}x{} {} {}", weight_.shape.depth, columns(),
                       activation_name(task_.activation),
                       precision_name(is_plain ? Precision::k_int8_plain : precision_));
  }

 private:
  std::size_t columns() const { return weight_.shape.columns; }

  OperandForm left_of(const Linear& linear, const Builder& builder) const {
    const OperandForms& forms = builder.buffers.forms(linear.input);
    if (precision_ == Precision::k_int8) return *forms.int8;
    if (precision_ == Precision::k_bfloat16) return *forms.bfloat16;
    return {builder.buffers.float32(linear.input), builder.width(linear.input), {}};
  }

  void set_left(GemmTask& task, const Workspace& workspace, std::size_t row) const {
    task.left = workspace.at<std::byte>(left_.values) + row * left_.stride * weight_.left_bytes;
    if (precision_ == Precision::k_int8) {
      task.row_scales = workspace.at<RowScale>(left_.row_scales) + row;
    }
  }

  Precision precision_;
  GemmKernel kernel_;
  OperandForm left_;
  PackedWeight weight_;
  Rows rows_;
  std::vector<float> bias_;
  StorageId output_, residual_{};
  bool has_residual_ = false;
  bool keeps_output_;
  bool rounds_ = false;  // the kernel writes the only form there is
  std::size_t block_rows_ = 0;
  OperandForms forms_;
  GemmTask task_;  // what does not depend on the batch
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Linear& linear, const Builder& builder) {
  return std::make_unique<LinearOperation>(linear, builder);
}

}  // namespace hasten::engine::cpu
