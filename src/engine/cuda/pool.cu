// Pool: one row per sequence out of one per token.
#include <string>

#include "engine/cuda/builder.h"
#include "engine/cuda/launch.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_threads = 128;

struct PoolTask {
  const float* input = nullptr;
  PoolKind kind = PoolKind::k_first_token;
  std::size_t width = 0;
  const std::int32_t* counts = nullptr;
  const std::int32_t* offsets = nullptr;
};

// A block a sequence.
template <typename T>
__global__ void pool(PoolTask task, Destination<T> to) {
  const std::size_t sequence = blockIdx.x;
  if (sequence >= static_cast<std::size_t>(task.counts[k_count_sequences])) return;
  const std::int32_t first = task.offsets[sequence];
  const std::int32_t end = task.kind == PoolKind::k_mean ? task.offsets[sequence + 1] : first + 1;
  for (std::size_t i = threadIdx.x; i < task.width; i += k_threads) {
    float sum = 0;
    for (std::int32_t token = first; token < end; ++token) {
      sum += task.input[static_cast<std::size_t>(token) * task.width + i];
    }
    to.write(sequence * task.width + i, sum / static_cast<float>(end - first));
  }
}

template <typename T>
class PoolOperation final : public Operation {
 public:
  PoolOperation(const Pool& pool, const Builder& builder)
      : input_(*builder.forms(pool.input).float32), output_(builder.forms(pool.output)) {
    task_.kind = pool.kind;
    task_.width = builder.width(pool.output);
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    PoolTask task = task_;
    task.input = lane.workspace->at<float>(input_);
    task.counts = batch.counts;
    task.offsets = batch.offsets;
    launch(pool<T>, {static_cast<unsigned>(batch.size_class.sequences), k_threads}, lane.stream,
           task, lane.workspace->destination<T>(output_));
  }

  std::string name() const override { return "Pool " + std::to_string(task_.width); }

 private:
  StorageId input_;
  Forms output_;
  PoolTask task_;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Pool& pool, const Builder& builder) {
  return std::make_unique<PoolOperation<T>>(pool, builder);
}
HASTEN_INSTANTIATE(Pool)

}  // namespace hasten::engine::cuda
