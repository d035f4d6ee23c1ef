// Gate: an activation of one half of each row times the other half.
#include <fmt/format.h>

#include <cassert>

#include "engine/cpu/builder.h"
#include "engine/instruction_names.h"

namespace hasten::engine::cpu {
namespace {

class GateOperation final : public Operation {
 public:
  GateOperation(const Gate& op, const Builder& builder)
      : kernel_(builder.kernels.gate),
        activation_(op.activation),
        width_(builder.width(op.output)),
        rows_(builder.rows(op.output)),
        input_(builder.buffers.float32(op.input)),
        output_(builder.buffers.float32(op.output)),
        forms_(builder.output_forms()) {
    assert(builder.width(op.input) == 2 * width_ && builder.rows(op.input) == rows_);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range rows = worker.share(row_count(batch, rows_));
    const float* input = workspace.at<float>(input_);
    float* output = workspace.at<float>(output_);
    produce_rows(forms_, workspace, rows.begin, rows.end, width_, output,
                 [&](std::size_t row, std::size_t count) {
                   kernel_(activation_, input + 2 * row * width_, output + row * width_, count,
                           width_);
                 });
  }

  std::string name() const override {
    return fmt::format("Gate {} {}", width_, activation_name(activation_));
  }

 private:
  GateKernel kernel_;
  Activation activation_;
  std::size_t width_;
  Rows rows_;
  StorageId input_, output_;
  OperandForms forms_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Gate& gate, const Builder& builder) {
  return std::make_unique<GateOperation>(gate, builder);
}

}  // namespace hasten::engine::cpu
