// Gate: the activated first half of a row times its second half.
#include <string>

#include "engine/cuda/activation.h"
#include "engine/cuda/builder.h"
#include "engine/cuda/launch.h"

namespace hasten::engine::cuda {
namespace {

constexpr std::size_t k_threads = 256;

struct GateTask {
  const float* input = nullptr;
  Activation activation = Activation::k_none;
  std::size_t width = 0;  // of the output
  const std::int32_t* row_count = nullptr;
};

template <typename T>
__global__ void gate(GateTask task, Destination<T> to) {
  const std::size_t at = static_cast<std::size_t>(blockIdx.x) * k_threads + threadIdx.x;
  if (at >= static_cast<std::size_t>(*task.row_count) * task.width) return;
  const std::size_t left = at / task.width * 2 * task.width + at % task.width;
  to.write(at, activated(task.activation, task.input[left]) * task.input[left + task.width]);
}

template <typename T>
class GateOperation final : public Operation {
 public:
  GateOperation(const Gate& gate, const Builder& builder)
      : rows_(builder.rows(gate.output)),
        input_(*builder.forms(gate.input).float32),
        output_(builder.forms(gate.output)) {
    task_.activation = gate.activation;
    task_.width = builder.width(gate.output);
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    GateTask task = task_;
    task.input = lane.workspace->at<float>(input_);
    task.row_count = batch.row_count(rows_);
    launch(gate<T>, {blocks_for(batch.row_bound(rows_) * task.width, k_threads), k_threads},
           lane.stream, task, lane.workspace->destination<T>(output_));
  }

  std::string name() const override { return "Gate " + std::to_string(task_.width); }

 private:
  Rows rows_;
  StorageId input_;
  Forms output_;
  GateTask task_;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Gate& gate, const Builder& builder) {
  return std::make_unique<GateOperation<T>>(gate, builder);
}
HASTEN_INSTANTIATE(Gate)

}  // namespace hasten::engine::cuda
