// Neighbors: each token's row between those of the tokens around it.
#include <fmt/format.h>

#include <cassert>
#include <cstring>

#include "engine/cpu/builder.h"

namespace hasten::engine::cpu {
namespace {

class NeighborsOperation final : public Operation {
 public:
  NeighborsOperation(const Neighbors& op, const Builder& builder)
      : radius_(static_cast<std::size_t>(op.radius)),
        width_(builder.width(op.input)),
        input_(builder.buffers.float32(op.input)),
        output_(builder.buffers.float32(op.output)),
        forms_(builder.output_forms()) {
    assert(op.radius >= 0 && builder.width(op.output) == (2 * radius_ + 1) * width_);
    assert(builder.rows(op.input) == Rows::k_tokens && builder.rows(op.output) == Rows::k_tokens);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const std::size_t wide = (2 * radius_ + 1) * width_;
    const Range sequences = worker.share(batch.sequence_count());
    for (std::size_t sequence = sequences.begin; sequence < sequences.end; ++sequence) {
      const auto first = static_cast<std::size_t>(batch.offsets[sequence]);
      const auto end = static_cast<std::size_t>(batch.offsets[sequence + 1]);
      float* output = workspace.at<float>(output_) + first * wide;
      for (std::size_t token = first; token < end; ++token, output += wide) {
        gather(workspace.at<float>(input_), first, end, token, output);
      }
      forms_.write(workspace.at<float>(output_) + first * wide, first, end - first, workspace);
    }
  }

  std::string name() const override { return fmt::format("Neighbors {} {}", width_, radius_); }

 private:
  void gather(const float* input, std::size_t first, std::size_t end, std::size_t token,
              float* output) const {
    for (std::size_t place = 0; place <= 2 * radius_; ++place, output += width_) {
      const std::size_t neighbor = token + place - radius_;  // wraps before the first token
      if (token + place >= first + radius_ && neighbor < end) {
        std::memcpy(output, input + neighbor * width_, width_ * sizeof(float));
      } else {
        std::memset(output, 0, width_ * sizeof(float));
      }
    }
  }

  std::size_t radius_;
  std::size_t width_;
  StorageId input_, output_;
  OperandForms forms_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Neighbors& neighbors, const Builder& builder) {
  return std::make_unique<NeighborsOperation>(neighbors, builder);
}

}  // namespace hasten::engine::cpu
