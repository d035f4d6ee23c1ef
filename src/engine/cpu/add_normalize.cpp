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
        input_(builder.storage(op.input)),
        output_(builder.storage(op.output)),
        has_residual_(op.residual != k_no_buffer),
        residual_(has_residual_ ? builder.storage(op.residual) : input_) {
    assert(builder.width(op.input) == width_ && builder.rows(op.input) == rows_);
    assert(!has_residual_ ||
           (builder.width(op.residual) == width_ && builder.rows(op.residual) == rows_));
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range rows = worker.share(row_count(batch, rows_));
    const std::size_t at = rows.begin * width_;
    const float* residual = has_residual_ ? workspace.at<float>(residual_) + at : nullptr;
    normalizer_.run(workspace.at<float>(input_) + at, residual, workspace.at<float>(output_) + at,
                    rows.end - rows.begin);
  }

  std::string name() const override { return fmt::format("AddNormalize {}", width_); }

 private:
  std::size_t width_;
  Rows rows_;
  Normalizer normalizer_;
  StorageId input_, output_;
  bool has_residual_;
  StorageId residual_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const AddNormalize& normalize, const Builder& builder) {
  return std::make_unique<AddNormalizeOperation>(normalize, builder);
}

}  // namespace hasten::engine::cpu
