// Attention: each head of each sequence by itself; no padding, no mask.
#include <fmt/format.h>

#include <cassert>

#include "engine/cpu/builder.h"

namespace hasten::engine::cpu {
namespace {

struct Operand {
  StorageId storage;
  std::size_t stride;
  std::size_t offset;
};

class AttentionOperation final : public Operation {
 public:
  AttentionOperation(const Attention& attention, const Builder& builder)
      : kernel_(builder.kernels.attend),
        heads_(static_cast<std::size_t>(attention.heads)),
        head_size_(static_cast<std::size_t>(attention.head_size)),
        scale_(attention.scale),
        query_rows_(builder.rows(attention.query.buffer)),
        query_(operand(attention.query, builder)),
        key_(operand(attention.key, builder)),
        value_(operand(attention.value, builder)),
        output_(builder.storage(attention.output)) {
    assert(heads_ > 0 && head_size_ > 0);
    assert(builder.width(attention.output) == heads_ * head_size_);
    assert(builder.rows(attention.output) == query_rows_);
    assert(builder.rows(attention.key.buffer) == Rows::k_tokens);
    assert(builder.rows(attention.value.buffer) == Rows::k_tokens);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range units = worker.share(batch.sequence_count() * heads_);
    AttentionTask task;
    task.query_stride = query_.stride;
    task.key_stride = key_.stride;
    task.value_stride = value_.stride;
    task.output_stride = heads_ * head_size_;
    task.head_size = head_size_;
    task.scale = scale_;
    task.scratch = workspace.scratch<float>(worker.index);
    for (std::size_t unit = units.begin; unit < units.end; ++unit) {
      const std::size_t sequence = unit / heads_;
      const std::size_t column = unit % heads_ * head_size_;
      const auto first = static_cast<std::size_t>(batch.offsets[sequence]);
      const auto end = static_cast<std::size_t>(batch.offsets[sequence + 1]);
      const bool per_token = query_rows_ == Rows::k_tokens;
      const std::size_t query_row = per_token ? first : sequence;
      task.key_rows = end - first;
      task.query_rows = per_token ? task.key_rows : 1;
      task.query = row_of(query_, workspace, query_row) + column;
      task.key = row_of(key_, workspace, first) + column;
      task.value = row_of(value_, workspace, first) + column;
      task.output = workspace.at<float>(output_) + query_row * task.output_stride + column;
      kernel_(task);
    }
  }

  std::size_t scratch_bytes(std::size_t longest) const override {
    return attention_scratch(longest, head_size_) * sizeof(float);
  }

  double flops(const RaggedBatch& batch) const override {
    double pairs = 0;
    for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
      const double length = batch.offsets[sequence + 1] - batch.offsets[sequence];
      pairs += query_rows_ == Rows::k_tokens ? length * length : length;
    }
    return 4.0 * pairs * static_cast<double>(heads_ * head_size_);
  }

  std::string name() const override { return fmt::format("Attention {}x{}", heads_, head_size_); }

 private:
  static Operand operand(const Columns& columns, const Builder& builder) {
    return {builder.storage(columns.buffer), builder.width(columns.buffer),
            static_cast<std::size_t>(columns.offset)};
  }
  static const float* row_of(const Operand& operand, const Workspace& workspace, std::size_t row) {
    return workspace.at<float>(operand.storage) + row * operand.stride + operand.offset;
  }

  AttentionKernel kernel_;
  std::size_t heads_;
  std::size_t head_size_;
  float scale_;
  Rows query_rows_;
  Operand query_, key_, value_;
  StorageId output_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Attention& attention, const Builder& builder) {
  return std::make_unique<AttentionOperation>(attention, builder);
}

}  // namespace hasten::engine::cpu
