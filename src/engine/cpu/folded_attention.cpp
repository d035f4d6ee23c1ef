// FoldedAttention: the heads of a sequence are the queries of one attention over its rows.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "engine/cpu/builder.h"
#include "engine/cpu/dense_weight.h"

namespace hasten::engine::cpu {
namespace {

// Sequences whose products are made together: the rows of a tile.
constexpr std::size_t k_together = 12;

// Columns [begin, begin + count) of a row-major matrix of `width` columns.
std::vector<float> columns_of(const std::vector<float>& matrix, std::size_t width,
                              std::size_t begin, std::size_t count) {
  std::vector<float> part;
  for (std::size_t row = 0; row < matrix.size(); row += width) {
    const auto first = matrix.begin() + static_cast<std::ptrdiff_t>(row + begin);
    part.insert(part.end(), first, first + static_cast<std::ptrdiff_t>(count));
  }
  return part;
}

std::vector<float> transposed(const std::vector<float>& matrix, std::size_t width) {
  std::vector<float> result;
  for (std::size_t column = 0; column < width; ++column) {
    for (std::size_t at = column; at < matrix.size(); at += width) result.push_back(matrix[at]);
  }
  return result;
}

class FoldedAttentionOperation final : public Operation {
 public:
  FoldedAttentionOperation(const FoldedAttention& op, const Builder& builder)
      : gemm_(builder.kernels.gemm_float32),
        attend_(builder.kernels.attend),
        heads_(static_cast<std::size_t>(op.heads)),
        head_size_(static_cast<std::size_t>(op.head_size)),
        width_(builder.width(op.input)),
        scale_(op.scale),
        query_(builder.buffers.float32(op.query.buffer)),
        query_stride_(builder.width(op.query.buffer)),
        query_offset_(static_cast<std::size_t>(op.query.offset)),
        input_(builder.buffers.float32(op.input)),
        output_(builder.buffers.float32(op.output)),
        forms_(builder.output_forms()),
        key_shape_{head_size_, width_, builder.kernels.panel_columns, 1},
        value_shape_{width_, head_size_, builder.kernels.panel_columns, 1},
        no_bias_(round_up(width_, 16)) {
    assert(builder.width(op.output) == heads_ * head_size_);
    assert(builder.rows(op.query.buffer) == Rows::k_sequences &&
           builder.rows(op.input) == Rows::k_tokens);
    pack(op);
  }

  // Workers share the heads, and then, where the output has other forms, its rows.
  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const Range heads = worker.share(heads_);
    if (heads.begin < heads.end) {
      for (std::size_t first = 0; first < batch.sequence_count(); first += k_together) {
        const std::size_t end = std::min(first + k_together, batch.sequence_count());
        run_sequences(batch, {first, end}, heads, workspace, worker);
      }
    }
    if (!forms_.any()) return;
    worker.meet();
    const Range rows = worker.share(batch.sequence_count());
    forms_.write(workspace.at<float>(output_) + rows.begin * heads_ * head_size_, rows.begin,
                 rows.end - rows.begin, workspace);
  }

  std::size_t scratch_bytes(std::size_t longest) const override {
    return (2 * rows_size() + attention_scratch(longest, width_)) * sizeof(float);
  }

  double flops(const RaggedBatch& batch) const override {
    const double products = static_cast<double>(batch.sequence_count() * head_size_);
    return 4.0 * static_cast<double>(heads_ * width_) *
           (products + static_cast<double>(batch.token_count()));
  }

  std::string name() const override {
    return fmt::format("FoldedAttention {}x{}", heads_, head_size_);
  }

 private:
  // One row a head: of the input's width, for each sequence of a block.
  std::size_t rows_size() const { return k_together * heads_ * width_; }

  void pack(const FoldedAttention& op) {
    const std::vector<float> keys = dense_float32(op.key.weight);
    const std::vector<float> values = dense_float32(op.value.weight);
    const std::vector<float> bias =
        padded_vector(op.value_bias ? &*op.value_bias : nullptr,
                      static_cast<std::size_t>(op.value.weight.outputs()));
    const std::size_t key_bytes = key_shape_.elements() * sizeof(float);
    const std::size_t value_bytes = value_shape_.elements() * sizeof(float);
    panels_ = Arena(heads_ * (Arena::cost(key_bytes) + Arena::cost(value_bytes)));
    for (std::size_t head = 0; head < heads_; ++head) {
      const std::size_t key = static_cast<std::size_t>(op.key.offset) + head * head_size_;
      const std::size_t value = static_cast<std::size_t>(op.value.offset) + head * head_size_;
      Head packed;
      packed.keys = panels_.allocate(key_bytes);
      packed.values = panels_.allocate(value_bytes);
      const auto key_columns =
          columns_of(keys, static_cast<std::size_t>(op.key.weight.outputs()), key, head_size_);
      pack_float32(transposed(key_columns, head_size_), key_shape_, packed.keys);
      pack_float32(columns_of(values, static_cast<std::size_t>(op.value.weight.outputs()), value,
                              head_size_),
                   value_shape_, packed.values);
      const auto first = bias.begin() + static_cast<std::ptrdiff_t>(value);
      packed.bias.assign(first, first + static_cast<std::ptrdiff_t>(head_size_));
      packed.bias.resize(round_up(head_size_, 16));
      packed_.push_back(std::move(packed));
    }
  }

  void run_sequences(const RaggedBatch& batch, Range sequences, Range heads,
                     const Workspace& workspace, const Worker& worker) const {
    auto* queries = workspace.scratch<float>(worker.index);
    float* contexts = queries + rows_size();
    const std::size_t count = heads.end - heads.begin;
    for (std::size_t head = heads.begin; head < heads.end; ++head) {
      GemmTask task = product(key_shape_, packed_[head].keys, sequences);
      task.left = workspace.at<float>(query_) + sequences.begin * query_stride_ + query_offset_ +
                  head * head_size_;
      task.left_stride = query_stride_;
      task.bias = no_bias_.data();
      task.output = queries + (head - heads.begin) * width_;
      task.output_stride = count * width_;
      gemm_(task, 0, key_shape_.panels());
    }
    for (std::size_t sequence = sequences.begin; sequence < sequences.end; ++sequence) {
      const std::size_t at = (sequence - sequences.begin) * count * width_;
      attend(batch, sequence, count, queries + at, contexts + at, contexts + rows_size(),
             workspace);
    }
    for (std::size_t head = heads.begin; head < heads.end; ++head) {
      GemmTask task = product(value_shape_, packed_[head].values, sequences);
      task.left = contexts + (head - heads.begin) * width_;
      task.left_stride = count * width_;
      task.bias = packed_[head].bias.data();
      task.output_stride = heads_ * head_size_;
      task.output =
          workspace.at<float>(output_) + sequences.begin * task.output_stride + head * head_size_;
      gemm_(task, 0, value_shape_.panels());
    }
  }

  static GemmTask product(const PackedShape& shape, const std::byte* panels, Range sequences) {
    GemmTask task;
    task.rows = sequences.end - sequences.begin;
    task.depth = shape.depth;
    task.columns = shape.columns;
    task.panels = panels;
    return task;
  }

  void attend(const RaggedBatch& batch, std::size_t sequence, std::size_t heads,
              const float* queries, float* contexts, float* scratch,
              const Workspace& workspace) const {
    const auto first = static_cast<std::size_t>(batch.offsets[sequence]);
    AttentionTask task;
    task.query = queries;
    task.key = task.value = workspace.at<float>(input_) + first * width_;
    task.query_stride = task.key_stride = task.value_stride = task.output_stride = width_;
    task.query_rows = heads;
    task.key_rows = static_cast<std::size_t>(batch.offsets[sequence + 1]) - first;
    task.head_size = width_;
    task.scale = scale_;
    task.output = contexts;
    task.scratch = scratch;
    attend_(task);
  }

  struct Head {
    std::byte* keys = nullptr;    // panels of [head_size, width]
    std::byte* values = nullptr;  // panels of [width, head_size]
    std::vector<float> bias;      // of the values
  };

  GemmKernel gemm_;
  AttentionKernel attend_;
  std::size_t heads_;
  std::size_t head_size_;
  std::size_t width_;  // of the input
  float scale_;
  StorageId query_;
  std::size_t query_stride_;
  std::size_t query_offset_;
  StorageId input_, output_;
  OperandForms forms_;
  PackedShape key_shape_, value_shape_;
  std::vector<float> no_bias_;
  Arena panels_;
  std::vector<Head> packed_;
};

}  // namespace

std::unique_ptr<Operation> make_operation(const FoldedAttention& attention,
                                          const Builder& builder) {
  return std::make_unique<FoldedAttentionOperation>(attention, builder);
}

}  // namespace hasten::engine::cpu
