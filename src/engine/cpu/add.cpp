// Add: the sum of two buffers.
#include <fmt/format.h>

#include <cassert>

#include "engine/cpu/builder.h"

namespace hasten::engine::cpu {
namespace {

class AddOperation final : public Operation {
 public:
  AddOperation(const Add& op, const Builder& builder)
      : kernel_(builder.kernels.add),
        width_(builder.width(op.output)),
        rows_(builder.rows(op.output)),
        left_(builder.buffers.float32(op.left)),
        right_(builder.buffers.float32(op.right)),
        output_(builder.buffers.float32(op.output)),
        forms_(builder.output_forms()) {
    assert(builder.width(op.left) == width_ && builder.rows(op.left) == rows_);
    assert(builder.width(op.right) == width_ && builder.rows(op.right) == rows_);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range rows = worker.share(row_count(batch, rows_));
    const std::size_t at = rows.begin * width_;
    kernel_(workspace.at<float>(left_) + at, workspace.at<float>(right_) + at,
            workspace.at<float>(output_) + at, (rows.end - rows.begin) * width_);
    forms_.write(workspace.at<float>(output_) + at, rows.begin, rows.end - rows.begin, workspace);
  }

  std::string name() const override { return fmt::format("Add {}", width_); }

 private:
  AddKernel kernel_;
  std::size_t width_;
  Rows rows_;
  StorageId left_, right_, output_;
  OperandForms forms_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Add& add, const Builder& builder) {
  return std::make_unique<AddOperation>(add, builder);
}

}  // namespace hasten::engine::cpu
