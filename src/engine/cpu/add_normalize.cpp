// AddNormalize: the sum of two buffers, normalised row by row.
#include <fmt/format.h>

#include "engine/cpu/builder.h"
#include "engine/cpu/normalizer.h"

namespace hasten::engine::cpu {
namespace {

class AddNormalizeOperation final : public Operation {
 public:
  AddNormalizeOperation(const AddNormalize& op, const Builder& builder)
      : width_(builder.width(op.output)),
        rows_(builder.rows(op.output)),
        normalizer_(op.normalization, width_, builder.kernels.normalize),
        input_(builder.buffers.float32(op.input)),
        output_(builder.buffers.float32(op.output)),
        forms_(builder.output_forms()),
        has_residual_(op.residual != k_no_buffer),
        residual_(has_residual_ ? builder.buffers.float32(op.residual) : input_) {
    assert(builder.width(op.input) == width_ && builder.rows(op.input) == rows_);
    assert(!has_residual_ ||
           (builder.width(op.residual) == width_ && builder.rows(op.residual) == rows_));
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range rows = worker.share(row_count(batch, rows_));
    const float* input = workspace.at<float>(input_);
    const float* residual = has_residual_ ? workspace.at<float>(residual_) : nullptr;
    float* output = workspace.at<float>(output_);
    produce_rows(forms_, workspace, rows.begin, rows.end, width_, output,
                 [&](std::size_t row, std::size_t count) {
                   const std::size_t at = row * width_;
                   normalizer_.run(input + at, residual == nullptr ? nullptr : residual + at,
                                   output + at, count);
                 });
  }

  std::string name() const override { return fmt::format("AddNormalize {}", width_); }

 private:
  std::size_t width_;
  Rows rows_;
  Normalizer normalizer_;
  StorageId input_, output_;
  OperandForms forms_;
  bool has_residual_;
  StorageId residual_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const AddNormalize& normalize, const Builder& builder) {
  return std::make_unique<AddNormalizeOperation>(normalize, builder);
}

}  // namespace hasten::engine::cpu
