// Neighbors: each token's row with those of the tokens around it.
#include <string>

#include "engine/cuda/builder.h"
#include "engine/cuda/launch.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_threads = 128;

struct NeighborsTask {
  const float* input = nullptr;
  std::size_t width = 0;  // of the input
  std::int64_t radius = 0;
  const std::int32_t* counts = nullptr;
  const std::int32_t* offsets = nullptr;
  const std::int32_t* sequences = nullptr;
};

// A block a token.
template <typename T>
__global__ void gather(NeighborsTask task, Destination<T> to) {
  const std::int64_t token = blockIdx.x;
  if (token >= task.counts[k_count_tokens]) return;
  const std::int32_t sequence = task.sequences[token];
  const std::size_t width = task.width * static_cast<std::size_t>(2 * task.radius + 1);
  for (std::size_t i = threadIdx.x; i < width; i += k_threads) {
    const std::int64_t neighbor = token + static_cast<std::int64_t>(i / task.width) - task.radius;
    const bool there = neighbor >= task.offsets[sequence] && neighbor < task.offsets[sequence + 1];
    const float value =
        there ? task.input[static_cast<std::size_t>(neighbor) * task.width + i % task.width] : 0.0F;
    to.write(static_cast<std::size_t>(token) * width + i, value);
  }
}

template <typename T>
class NeighborsOperation final : public Operation {
 public:
  NeighborsOperation(const Neighbors& neighbors, const Builder& builder)
      : input_(*builder.forms(neighbors.input).float32), output_(builder.forms(neighbors.output)) {
    task_.width = builder.width(neighbors.input);
    task_.radius = neighbors.radius;
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    NeighborsTask task = task_;
    task.input = lane.workspace->at<float>(input_);
    task.counts = batch.counts;
    task.offsets = batch.offsets;
    task.sequences = batch.sequences;
    launch(gather<T>, {static_cast<unsigned>(batch.size_class.tokens), k_threads}, lane.stream,
           task, lane.workspace->destination<T>(output_));
  }

  std::string name() const override { return "Neighbors " + std::to_string(task_.width); }

 private:
  StorageId input_;
  Forms output_;
  NeighborsTask task_;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Neighbors& neighbors, const Builder& builder) {
  return std::make_unique<NeighborsOperation<T>>(neighbors, builder);
}
HASTEN_INSTANTIATE(Neighbors)

}  // namespace hasten::engine::cuda
