// Attention: each head of each sequence by itself; no padding, no mask.
#include <fmt/format.h>

#include <cassert>
#include <type_traits>

#include "engine/cuda/attention_task.h"
#include "engine/cuda/builder.h"

namespace hasten::engine::cuda {
namespace {

template <typename T>
class AttentionOperation final : public Operation {
 public:
  AttentionOperation(const Attention& attention, const Builder& builder)
      : query_rows_(builder.rows(attention.query.buffer)),
        query_(columns_of(attention.query, builder)),
        key_(columns_of(attention.key, builder)),
        value_(columns_of(attention.value, builder)),
        output_(builder.forms(attention.output)) {
    task_.heads = static_cast<std::size_t>(attention.heads);
    task_.head_size = static_cast<std::size_t>(attention.head_size);
    task_.scale = attention.scale;
    task_.position = view_of(attention, builder.weights);
    task_.first_token_only = query_rows_ == Rows::k_sequences;
    assert(builder.width(attention.output) == task_.heads * task_.head_size);
    assert(builder.rows(attention.output) == query_rows_);
    if constexpr (!std::is_same_v<T, float>) {
      on_tensor_cores_ = !task_.first_token_only && !task_.position.any &&
                         has_tensor_kernel(task_.head_size) && query_.is_aligned() &&
                         key_.is_aligned() && value_.is_aligned();
    }
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    AttentionTask<T> task = task_;
    task.query = rows_of(query_, lane);
    task.key = rows_of(key_, lane);
    task.value = rows_of(value_, lane);
    task.counts = batch.counts;
    task.offsets = batch.offsets;
    task.sequences = batch.sequences;
    task.tiles = batch.tiles;
    task.to = lane.workspace->destination<T>(output_);
    if constexpr (!std::is_same_v<T, float>) {
      if (on_tensor_cores_)
        return attend_by_tensor_cores(task, batch.size_class.tiles, lane.stream);
    }
    attend_by_vectors(task, batch.row_bound(query_rows_), lane.stream);
  }

  double flops(const RaggedBatch& batch) const override {
    double pairs = 0;
    for (std::size_t sequence = 0; sequence < batch.sequence_count(); ++sequence) {
      const double length = batch.offsets[sequence + 1] - batch.offsets[sequence];
      pairs += query_rows_ == Rows::k_tokens ? length * length : length;
    }
    return 4.0 * pairs * static_cast<double>(task_.heads * task_.head_size);
  }

  std::string name() const override {
    return fmt::format("Attention {}x{}", task_.heads, task_.head_size);
  }

 private:
  struct Operand {
    StorageId storage{};
    std::size_t stride = 0;
    std::size_t offset = 0;
    bool is_aligned() const {
      return stride % k_vector_numbers == 0 && offset % k_vector_numbers == 0;
    }
  };

  static Operand columns_of(const Columns& columns, const Builder& builder) {
    const Forms& forms = builder.forms(columns.buffer);
    return {forms.narrow ? *forms.narrow : *forms.float32, builder.width(columns.buffer),
            static_cast<std::size_t>(columns.offset)};
  }
  static HeadRows<T> rows_of(const Operand& operand, const Lane& lane) {
    return {lane.workspace->at<T>(operand.storage) + operand.offset, operand.stride};
  }

  Rows query_rows_;
  Operand query_, key_, value_;
  Forms output_;
  AttentionTask<T> task_;
  bool on_tensor_cores_ = false;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Attention& attention, const Builder& builder) {
  return std::make_unique<AttentionOperation<T>>(attention, builder);
}
HASTEN_INSTANTIATE(Attention)

}  // namespace hasten::engine::cuda
