// Operations that compute each element from the same element of one or two buffers.
#pragma once

#include <string>

#include "engine/cuda/builder.h"
#include "engine/cuda/launch.h"

namespace hasten::engine::cuda {

inline constexpr std::size_t k_elementwise_threads = 256;

struct ElementwiseTask {
  const float* left = nullptr;
  const float* right = nullptr;  // may be null: zeros
  std::size_t width = 0;
  const std::int32_t* row_count = nullptr;
};

template <typename T, typename Function>
__global__ void elementwise(ElementwiseTask task, Function function, Destination<T> to) {
  const std::size_t at = static_cast<std::size_t>(blockIdx.x) * k_elementwise_threads + threadIdx.x;
  if (at >= static_cast<std::size_t>(*task.row_count) * task.width) return;
  to.write(at, function(task.left[at], task.right == nullptr ? 0.0F : task.right[at]));
}

// `Function` is called with the left and the right element.
template <typename T, typename Function>
class ElementwiseOperation final : public Operation {
 public:
  ElementwiseOperation(std::string name, Function function, BufferId left, BufferId right,
                       BufferId output, const Builder& builder)
      : name_(std::move(name)),
        function_(function),
        rows_(builder.rows(output)),
        width_(builder.width(output)),
        left_(*builder.forms(left).float32),
        output_(builder.forms(output)) {
    if (right != k_no_buffer) right_ = builder.forms(right).float32;
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    const ElementwiseTask task{lane.workspace->at<float>(left_), lane.workspace->at<float>(right_),
                               width_, batch.row_count(rows_)};
    const std::size_t elements = batch.row_bound(rows_) * width_;
    launch(elementwise<T, Function>,
           {blocks_for(elements, k_elementwise_threads), k_elementwise_threads}, lane.stream, task,
           function_, lane.workspace->destination<T>(output_));
  }

  std::string name() const override { return name_ + " " + std::to_string(width_); }

 private:
  std::string name_;
  Function function_;
  Rows rows_;
  std::size_t width_;
  StorageId left_;
  std::optional<StorageId> right_;
  Forms output_;
};

}  // namespace hasten::engine::cuda
