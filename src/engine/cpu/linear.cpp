// Linear: blocked matrix products over prepacked weights.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "engine/cpu/activation_names.h"
#include "engine/cpu/builder.h"

namespace hasten::engine::cpu {
namespace {

// Rows that are multiplied by all panels before the next rows are: the inputs and outputs of so
// many rows stay in the second-level cache.
constexpr std::size_t k_row_block = 192;

class LinearOperation final : public Operation {
 public:
  LinearOperation(const Linear& linear, const Builder& builder)
      : kernel_(builder.kernels.gemm_float32),
        shape_(packed_shape(linear.weight, builder.kernels.panel_columns)),
        rows_(builder.rows(linear.output)),
        bias_(padded_vector(linear.bias ? &*linear.bias : nullptr, round_up(shape_.columns, 16))),
        input_(builder.storage(linear.input)),
        output_(builder.storage(linear.output)) {
    assert(builder.width(linear.input) == shape_.depth);
    assert(builder.width(linear.output) == shape_.columns);
    assert(builder.rows(linear.input) == rows_);
    task_.left_stride = task_.depth = shape_.depth;
    task_.columns = task_.output_stride = task_.residual_stride = shape_.columns;
    task_.panels = builder.weights.float32(linear.weight);
    task_.bias = bias_.data();
    task_.activation = linear.activation;
    has_residual_ = linear.residual != k_no_buffer;
    if (has_residual_) {
      assert(builder.width(linear.residual) == shape_.columns &&
             builder.rows(linear.residual) == rows_);
      residual_ = builder.storage(linear.residual);
    }
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const std::size_t rows = row_count(batch, rows_);
    const Range panels = worker.share(shape_.panels());
    if (panels.begin == panels.end) return;
    GemmTask task = task_;
    for (std::size_t row = 0; row < rows; row += k_row_block) {
      task.rows = std::min(k_row_block, rows - row);
      task.left = workspace.at<float>(input_) + row * shape_.depth;
      task.output = workspace.at<float>(output_) + row * shape_.columns;
      if (has_residual_) task.residual = workspace.at<float>(residual_) + row * shape_.columns;
      kernel_(task, panels.begin, panels.end);
    }
  }

  double flops(const RaggedBatch& batch) const override {
    return 2.0 * static_cast<double>(row_count(batch, rows_)) * static_cast<double>(shape_.depth) *
           static_cast<double>(shape_.columns);
  }

  std::string name() const override {
    return fmt::format("Linear {}x{} {}", shape_.depth, shape_.columns,
                       activation_name(task_.activation));
  }

 private:
  GemmKernel kernel_;
  PackedShape shape_;
  Rows rows_;
  std::vector<float> bias_;
  StorageId input_, output_, residual_{};
  bool has_residual_ = false;
  GemmTask task_;  // what does not depend on the batch
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Linear& linear, const Builder& builder) {
  return std::make_unique<LinearOperation>(linear, builder);
}

}  // namespace hasten::engine::cpu
