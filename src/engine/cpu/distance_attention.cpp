// Attention in which positions have a say: by distance, by rotation or by a window.
//
// Heads are the outer loop: the vectors of distances are laid out once for each head of a pass.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>

#include "engine/cpu/builder.h"
#include "engine/cpu/distance_vectors.h"

namespace hasten::engine::cpu {
namespace {

constexpr std::size_t k_lanes = 16;

struct Operand {
  StorageId storage;
  std::size_t stride;
  std::size_t offset;
};

// Where a worker's scratch memory holds what, in floats.
struct Layout {
  std::size_t rotated_query, rotated_key;
  std::size_t by_query, by_key, panel_stride;
  std::size_t size;
};

class DistanceAttentionOperation final : public Operation {
 public:
  DistanceAttentionOperation(const Attention& attention, const Builder& builder)
      : kernels_(builder.kernels),
        heads_(static_cast<std::size_t>(attention.heads)),
        head_size_(static_cast<std::size_t>(attention.head_size)),
        scale_(attention.scale),
        query_rows_(builder.rows(attention.query.buffer)),
        query_(operand(attention.query, builder)),
        key_(operand(attention.key, builder)),
        value_(operand(attention.value, builder)),
        output_(builder.buffers.float32(attention.output)),
        forms_(builder.output_forms()) {
    assert(heads_ > 0 && head_size_ > 0);
    assert(builder.width(attention.output) == heads_ * head_size_);
    assert(builder.rows(attention.output) == query_rows_);
    if (attention.window) window_ = static_cast<std::size_t>(*attention.window);
    rotation_ = attention.rotation;
    if (attention.distance_scores) prepare(*attention.distance_scores);
  }

  void run(const RaggedBatch& batch, const Workspace& workspace,
           const Worker& worker) const override {
    const std::size_t sequences = batch.sequence_count();
    const std::size_t longest = longest_of(batch);
    const Layout layout = layout_for(longest);
    float* scratch = workspace.scratch<float>(worker.index);
    const Range units = worker.share(sequences * heads_);
    std::size_t held_head = heads_;
    for (std::size_t unit = units.begin; unit < units.end; ++unit) {
      const std::size_t head = unit / sequences;
      if (head != held_head) spread(head, longest, layout, scratch);
      held_head = head;
      attend(batch, unit % sequences, head, longest, layout, workspace, scratch);
    }
    if (!forms_.any()) return;
    worker.meet();
    const Range rows = worker.share(row_count(batch, query_rows_));
    const float* values = workspace.at<float>(output_) + rows.begin * heads_ * head_size_;
    forms_.write(values, rows.begin, rows.end - rows.begin, workspace);
  }

  std::size_t scratch_bytes(std::size_t longest) const override {
    return layout_for(longest).size * sizeof(float);
  }

  double flops(const RaggedBatch& batch) const override {
    double pairs = 0;
    for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
      const double length = batch.offsets[sequence + 1] - batch.offsets[sequence];
      pairs += query_rows_ == Rows::k_tokens ? length * length : length;
    }
    const int products = 2 + by_query_.has_value() + by_key_.has_value();
    return 2.0 * products * pairs * static_cast<double>(heads_ * head_size_);
  }

  std::string name() const override {
    return fmt::format("Attention {}x{}{}{}{}{}{}", heads_, head_size_,
                       bias_.empty() ? "" : " biased", by_query_ ? " by_query" : "",
                       by_key_ ? " by_key" : "", rotation_ ? " rotated" : "",
                       window_ == k_no_window ? "" : fmt::format(" window {}", window_));
  }

 private:
  static Operand operand(const Columns& columns, const Builder& builder) {
    return {builder.buffers.float32(columns.buffer), builder.width(columns.buffer),
            static_cast<std::size_t>(columns.offset)};
  }

  static std::size_t longest_of(const RaggedBatch& batch) {
    std::int32_t longest = 0;
    for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
      longest = std::max(longest, batch.offsets[sequence + 1] - batch.offsets[sequence]);
    }
    return static_cast<std::size_t>(longest);
  }

  void prepare(const DistanceScores& scores) {
    limit_ = static_cast<std::size_t>(scores.limit);
    if (scores.by_query) {
      by_query_.emplace(*scores.by_query, scores.limit, heads_, head_size_, kernels_);
      // The kernel's query has the scale of the content in it already.
      query_factor_ = scores.by_query->scale / scale_;
    }
    if (scores.by_key) {
      by_key_.emplace(*scores.by_key, scores.limit, heads_, head_size_, kernels_);
      key_factor_ = scores.by_key->scale;
    }
    if (!scores.bias) return;
    const std::vector<float> bias = to_float32(*scores.bias);
    const std::size_t distances = 2 * limit_ - 1;
    bias_stride_ = distances + k_lanes;
    bias_.resize(heads_ * bias_stride_);
    for (std::size_t head = 0; head < heads_; ++head) {
      std::copy_n(&bias[head * distances], distances, &bias_[head * bias_stride_]);
    }
  }

  // Distances from 1 - longest up to that of the last lane of queries.
  std::size_t distance_count(std::size_t longest) const {
    const std::size_t queries = query_rows_ == Rows::k_tokens ? longest : 1;
    return round_up(longest - 1 + round_up(queries, k_lanes), k_lanes);
  }

  Layout layout_for(std::size_t longest) const {
    Layout layout{};
    std::size_t size = attention_scratch(longest, head_size_);
    const auto take = [&](bool needed, std::size_t floats) {
      const std::size_t at = size;
      if (needed) size += round_up(floats, k_lanes);
      return at;
    };
    layout.rotated_query = take(rotation_.has_value(), longest * head_size_);
    layout.rotated_key = take(rotation_.has_value(), longest * head_size_);
    // An odd number of cache lines: rows of a power of two would fall on the same few sets.
    const std::size_t count = distance_count(std::max<std::size_t>(1, longest));
    layout.panel_stride = count / k_lanes % 2 == 0 ? count + k_lanes : count;
    layout.by_query = take(by_query_.has_value(), head_size_ * layout.panel_stride);
    layout.by_key = take(by_key_.has_value(), head_size_ * layout.panel_stride);
    layout.size = size;
    return layout;
  }

  void spread(std::size_t head, std::size_t longest, const Layout& layout, float* scratch) const {
    const std::int64_t first = 1 - static_cast<std::int64_t>(longest);
    const std::size_t count = distance_count(longest);
    if (by_query_) {
      by_query_->spread(head, first, count, query_factor_, scratch + layout.by_query,
                        layout.panel_stride);
    }
    if (by_key_) {
      by_key_->spread(head, first, count, key_factor_, scratch + layout.by_key,
                      layout.panel_stride);
    }
  }

  void attend(const RaggedBatch& batch, std::size_t sequence, std::size_t head, std::size_t longest,
              const Layout& layout, const Workspace& workspace, float* scratch) const {
    const auto first = static_cast<std::size_t>(batch.offsets[sequence]);
    const auto end = static_cast<std::size_t>(batch.offsets[sequence + 1]);
    const bool whole = query_rows_ == Rows::k_tokens;
    const std::size_t first_query = whole ? first : sequence;
    const std::size_t column = head * head_size_;
    DistanceAttentionTask task;
    AttentionTask& content = task.content;
    content.query_rows = whole ? end - first : 1;
    content.key_rows = end - first;
    content.head_size = head_size_;
    content.scale = scale_;
    content.scratch = scratch;
    set_operand(query_, workspace, first_query, column, content.query, content.query_stride);
    set_operand(key_, workspace, first, column, content.key, content.key_stride);
    set_operand(value_, workspace, first, column, content.value, content.value_stride);
    content.output_stride = heads_ * head_size_;
    content.output = workspace.at<float>(output_) + first_query * content.output_stride + column;
    if (rotation_) {
      turn(content.query_rows, scratch + layout.rotated_query, content.query, content.query_stride);
      turn(content.key_rows, scratch + layout.rotated_key, content.key, content.key_stride);
    }
    task.panel_stride = layout.panel_stride;
    if (by_query_) task.by_query = scratch + layout.by_query + longest - 1;
    if (by_key_) task.by_key = scratch + layout.by_key + longest - 1;
    if (!bias_.empty()) task.bias = &bias_[head * bias_stride_ + limit_ - 1];
    task.window = window_;
    kernels_.attend_by_distance(task);
  }

  static void set_operand(const Operand& operand, const Workspace& workspace, std::size_t row,
                          std::size_t column, const float*& pointer, std::size_t& stride) {
    stride = operand.stride;
    pointer = workspace.at<float>(operand.storage) + row * stride + operand.offset + column;
  }

  // Puts the rows, turned, where `rotated` is.
  void turn(std::size_t rows, float* rotated, const float*& pointer, std::size_t& stride) const {
    kernels_.rotate({.input = pointer,
                     .input_stride = stride,
                     .rows = rows,
                     .head_size = head_size_,
                     .cosines = values_of<float>(rotation_->cosines).data(),
                     .sines = values_of<float>(rotation_->sines).data(),
                     .output = rotated});
    pointer = rotated;
    stride = head_size_;
  }

  const KernelTable& kernels_;
  std::size_t heads_;
  std::size_t head_size_;
  float scale_;
  Rows query_rows_;
  Operand query_, key_, value_;
  StorageId output_;
  OperandForms forms_;
  std::size_t window_ = k_no_window;
  std::optional<Rotation> rotation_;  // its tables are those of the program, shared
  std::size_t limit_ = 0;
  std::optional<DistanceVectorTable> by_query_, by_key_;
  float query_factor_ = 1;
  float key_factor_ = 1;
  std::vector<float> bias_;  // of one head after the other
  std::size_t bias_stride_ = 0;
};

}  // namespace

std::unique_ptr<Operation> make_distance_attention(const Attention& attention,
                                                   const Builder& builder) {
  return std::make_unique<DistanceAttentionOperation>(attention, builder);
}

}  // namespace hasten::engine::cpu
