// AddNormalize: the sum of two buffers, normalised row by row.
#include <string>

#include "engine/cuda/builder.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/normalizer.h"

namespace hasten::engine::cuda {
namespace {

struct AddNormalizeTask {
  const float* input = nullptr;
  const float* residual = nullptr;  // may be null
  std::size_t width = 0;
  const std::int32_t* row_count = nullptr;
  NormalizationView normalization;
};

// A block a row.
template <typename T, int N>
__global__ void add_normalize(AddNormalizeTask task, Destination<T> to) {
  if (blockIdx.x >= static_cast<unsigned>(*task.row_count)) return;
  const std::size_t start = blockIdx.x * task.width;
  float* sum = shared_row();
  for_numbers<N>(task.width, [&](std::size_t i) {
    float values[N];
    float residual[N] = {};
    load_numbers(task.input + start + i, values);
    if (task.residual != nullptr) load_numbers(task.residual + start + i, residual);
#pragma unroll
    for (int n = 0; n < N; ++n) values[n] += residual[n];
    store_shared(values, sum + i);
  });
  __syncthreads();
  finish_row<N>(sum, task.width, task.normalization, to, start);
}

template <typename T>
class AddNormalizeOperation final : public Operation {
 public:
  AddNormalizeOperation(const AddNormalize& op, const Builder& builder)
      : rows_(builder.rows(op.output)),
        input_(*builder.forms(op.input).float32),
        output_(builder.forms(op.output)) {
    task_.width = builder.width(op.output);
    check_row_width(task_.width);
    if (op.residual != k_no_buffer) residual_ = builder.forms(op.residual).float32;
    task_.normalization = view_of(op.normalization, builder.weights);
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    AddNormalizeTask task = task_;
    task.input = lane.workspace->at<float>(input_);
    task.residual = lane.workspace->at<float>(residual_);
    task.row_count = batch.row_count(rows_);
    for_row_width(task.width, [&](auto at_once) {
      launch(add_normalize<T, at_once()>, row_grid(batch.row_bound(rows_), task.width), lane.stream,
             task, lane.workspace->destination<T>(output_));
    });
  }

  std::string name() const override { return "AddNormalize " + std::to_string(task_.width); }

 private:
  Rows rows_;
  StorageId input_;
  std::optional<StorageId> residual_;
  Forms output_;
  AddNormalizeTask task_;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const AddNormalize& normalize, const Builder& builder) {
  return std::make_unique<AddNormalizeOperation<T>>(normalize, builder);
}
HASTEN_INSTANTIATE(AddNormalize)

}  // namespace hasten::engine::cuda
