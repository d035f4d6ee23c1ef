// Pool: one row per sequence out of one per token.
#include <fmt/format.h>

#include <cassert>
#include <cstring>

#include "engine/cpu/builder.h"

namespace hasten::engine::cpu {
namespace {

class PoolOperation final : public Operation {
 public:
  PoolOperation(const Pool& op, const Builder& builder)
      : mean_(builder.kernels.mean_of_rows),
        kind_(op.kind),
        width_(builder.width(op.output)),
        input_(builder.buffers.float32(op.input)),
        output_(builder.buffers.float32(op.output)),
        forms_(builder.output_forms()) {
    assert(builder.width(op.input) == width_);
    assert(builder.rows(op.input) == Rows::k_tokens &&
           builder.rows(op.output) == Rows::k_sequences);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range sequences = worker.share(batch.sequence_count());
    for (std::size_t sequence = sequences.begin; sequence < sequences.end; ++sequence) {
      const auto first = static_cast<std::size_t>(batch.offsets[sequence]);
      const auto end = static_cast<std::size_t>(batch.offsets[sequence + 1]);
      const float* input = workspace.at<float>(input_) + first * width_;
      float* output = workspace.at<float>(output_) + sequence * width_;
      if (kind_ == PoolKind::k_mean) {
        mean_(input, end - first, width_, output);
      } else {
        std::memcpy(output, input, width_ * sizeof(float));
      }
    }
    forms_.write(workspace.at<float>(output_) + sequences.begin * width_, sequences.begin,
                 sequences.end - sequences.begin, workspace);
  }

  std::string name() const override {
    return fmt::format("Pool {} {}", width_, kind_ == PoolKind::k_mean ? "mean" : "first_token");
  }

 private:
  MeanKernel mean_;
  PoolKind kind_;
  std::size_t width_;
  StorageId input_, output_;
  OperandForms forms_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Pool& pool, const Builder& builder) {
  return std::make_unique<PoolOperation>(pool, builder);
}

}  // namespace hasten::engine::cpu
