// Activate: a function of each element.
#include <fmt/format.h>

#include <cassert>
#include <cstring>

#include "engine/cpu/builder.h"
#include "engine/instruction_names.h"

namespace hasten::engine::cpu {
namespace {

class ActivateOperation final : public Operation {
 public:
  ActivateOperation(const Activate& op, const Builder& builder)
      : kernel_(builder.kernels.activate),
        activation_(op.activation),
        width_(builder.width(op.output)),
        rows_(builder.rows(op.output)),
        input_(builder.buffers.float32(op.input)),
        output_(builder.buffers.float32(op.output)),
        forms_(builder.output_forms()) {
    assert(builder.width(op.input) == width_ && builder.rows(op.input) == rows_);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range rows = worker.share(row_count(batch, rows_));
    const float* input = workspace.at<float>(input_) + rows.begin * width_;
    float* output = workspace.at<float>(output_) + rows.begin * width_;
    const std::size_t count = rows.end - rows.begin;
    if (activation_ == Activation::k_none) {
      std::memmove(output, input, count * width_ * sizeof(float));
    } else {
      kernel_(activation_, false, input, width_, output, width_, count, width_);
    }
    forms_.write(output, rows.begin, count, workspace);
  }

  std::string name() const override {
    return fmt::format("Activate {} {}", width_, activation_name(activation_));
  }

 private:
  ActivateKernel kernel_;
  Activation activation_;
  std::size_t width_;
  Rows rows_;
  StorageId input_, output_;
  OperandForms forms_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Activate& activate, const Builder& builder) {
  return std::make_unique<ActivateOperation>(activate, builder);
}

}  // namespace hasten::engine::cpu
