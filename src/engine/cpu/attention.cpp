// Attention: each head of each sequence by itself; no padding, no mask.
#include <fmt/format.h>

#include <cassert>

#include "engine/cpu/builder.h"

namespace hasten::engine::cpu {
namespace {

// Fewer keys are attended to faster without rounding: docs/numbers.md, "Attention on tile registers".
constexpr std::size_t k_least_rounded_keys = 96;

struct Operand {
  StorageId storage;
  std::size_t stride;
  std::size_t offset;
};

class AttentionOperation final : public Operation {
 public:
  AttentionOperation(const Attention& attention, const Builder& builder)
      : kernels_(builder.kernels),
        heads_(static_cast<std::size_t>(attention.heads)),
        head_size_(static_cast<std::size_t>(attention.head_size)),
        scale_(attention.scale),
        query_rows_(builder.rows(attention.query.buffer)),
        query_(operand(attention.query, builder)),
        key_(operand(attention.key, builder)),
        value_(operand(attention.value, builder)),
        output_(builder.buffers.float32(attention.output)),
        forms_(builder.output_forms()),
        rounds_(kernels_.bfloat16.attend != nullptr && forms_.bfloat16 && !forms_.int8) {
    assert(heads_ > 0 && head_size_ > 0);
    assert(builder.width(attention.output) == heads_ * head_size_);
    assert(builder.rows(attention.output) == query_rows_);
    assert(builder.rows(attention.key.buffer) == Rows::k_tokens);
    assert(builder.rows(attention.value.buffer) == Rows::k_tokens);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    if (worker.count == 1) {
      for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
        attend(batch, sequence, {0, heads_}, workspace, worker);
        write_forms(rows_of(batch, sequence), workspace);
      }
      return;
    }
    const Range units = worker.share(batch.sequence_count() * heads_);
    for (std::size_t unit = units.begin; unit < units.end; ++unit) {
      const std::size_t head = unit % heads_;
      attend(batch, unit / heads_, {head, head + 1}, workspace, worker);
    }
    if (!forms_.any()) return;
    worker.meet();
    write_forms(worker.share(row_count(batch, query_rows_)), workspace);
  }

  std::size_t scratch_bytes(std::size_t longest) const override {
    const auto floats = rounds_ ? bfloat16_attention_scratch : attention_scratch;
    return floats(longest, head_size_) * sizeof(float);
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
    return {builder.buffers.float32(columns.buffer), builder.width(columns.buffer),
            static_cast<std::size_t>(columns.offset)};
  }
  // Rows of the output.
  Range rows_of(const RaggedBatch& batch, std::size_t sequence) const {
    if (query_rows_ == Rows::k_sequences) return {sequence, sequence + 1};
    return {static_cast<std::size_t>(batch.offsets[sequence]),
            static_cast<std::size_t>(batch.offsets[sequence + 1])};
  }
  void write_forms(Range rows, const Workspace& workspace) const {
    if (!forms_.any()) return;
    const float* values = workspace.at<float>(output_) + rows.begin * heads_ * head_size_;
    forms_.write(values, rows.begin, rows.end - rows.begin, workspace);
  }

  void attend(const RaggedBatch& batch, std::size_t sequence, Range heads,
              const Workspace& workspace, const Worker& worker) const {
    const auto first = static_cast<std::size_t>(batch.offsets[sequence]);
    const auto end = static_cast<std::size_t>(batch.offsets[sequence + 1]);
    const Range queries = rows_of(batch, sequence);
    AttentionTask task;
    task.query_stride = query_.stride;
    task.key_stride = key_.stride;
    task.value_stride = value_.stride;
    task.output_stride = heads_ * head_size_;
    task.query_rows = queries.end - queries.begin;
    task.key_rows = end - first;
    task.head_size = head_size_;
    task.scale = scale_;
    task.scratch = workspace.scratch<float>(worker.index);
    const bool rounds = rounds_ && task.key_rows >= k_least_rounded_keys;
    const AttentionKernel kernel = rounds ? kernels_.bfloat16.attend : kernels_.attend;
    for (std::size_t head = heads.begin; head < heads.end; ++head) {
      const std::size_t column = head * head_size_;
      task.query = row_of(query_, workspace, queries.begin) + column;
      task.key = row_of(key_, workspace, first) + column;
      task.value = row_of(value_, workspace, first) + column;
      task.output = workspace.at<float>(output_) + queries.begin * task.output_stride + column;
      kernel(task);
    }
  }

  static const float* row_of(const Operand& operand, const Workspace& workspace, std::size_t row) {
    return workspace.at<float>(operand.storage) + row * operand.stride + operand.offset;
  }

  const KernelTable& kernels_;
  std::size_t heads_;
  std::size_t head_size_;
  float scale_;
  Rows query_rows_;
  Operand query_, key_, value_;
  StorageId output_;
  OperandForms forms_;
  bool rounds_;  // long sequences, since the output is rounded next
};

}  // namespace

std::unique_ptr<Operation> make_operation(const Attention& attention, const Builder& builder) {
  if (attention.distance_scores || attention.rotation || attention.window) {
    return make_distance_attention(attention, builder);
  }
  return std::make_unique<AttentionOperation>(attention, builder);
}

}  // namespace hasten::engine::cpu
