// What both kinds of Linear share: a matrix product, and a kernel for what is left after it.
#pragma once

#include <optional>
#include <string>

#include "engine/cuda/builder.h"
#include "engine/cuda/finish.h"

namespace hasten::engine::cuda {

// Of buffers with T beside float32.
template <typename T>
class LinearOperation : public Operation {
 public:
  double flops(const RaggedBatch& batch) const override {
    return 2.0 * static_cast<double>(row_count(batch, rows_)) *
           static_cast<double>(shape_.inputs * shape_.outputs);
  }
  std::string name() const override {
    return "Linear " + std::to_string(shape_.inputs) + "x" + std::to_string(shape_.outputs);
  }

 protected:
  LinearOperation(const Linear& linear, const Builder& builder, NumberType narrow)
      : rows_(builder.rows(linear.output)),
        output_(builder.forms(linear.output)),
        product_(builder.storages.product(builder.instruction)),
        activation_(linear.activation) {
    shape_.inputs = static_cast<std::size_t>(linear.weight.inputs());
    shape_.outputs = static_cast<std::size_t>(linear.weight.outputs());
    shape_.result = product_ || output_.float32 ? NumberType::k_float32 : narrow;
    if (linear.residual != k_no_buffer) residual_ = builder.forms(linear.residual).float32;
  }

  // Where the matrix product goes.
  std::byte* result(const Workspace& workspace) const {
    if (product_) return workspace.at<std::byte>(*product_);
    return workspace.at<std::byte>(output_.float32 ? *output_.float32 : *output_.narrow);
  }

  // What is done to it, beside the activation.
  struct Rest {
    const float* row_scales = nullptr;  // see FinishTask
    const float* column_scales = nullptr;
    const float* bias = nullptr;
    const float* residual = nullptr;
  };
  void finish(const DeviceBatch& batch, const Lane& lane, const Rest& rest) const {
    if (shape_.result == NumberType::k_float32) {
      finish_product<float>(batch, lane, rest);
    } else {
      finish_product<T>(batch, lane, rest);
    }
  }

  Rows rows_;
  Forms output_;
  std::optional<StorageId> product_, residual_;
  ProductShape shape_;

 private:
  template <typename P>
  void finish_product(const DeviceBatch& batch, const Lane& lane, const Rest& rest) const {
    FinishTask<T, P> task;
    task.product = reinterpret_cast<const P*>(result(*lane.workspace));
    task.row_scales = rest.row_scales;
    task.column_scales = rest.column_scales;
    task.bias = rest.bias;
    task.residual = rest.residual;
    task.activation = activation_;
    task.width = shape_.outputs;
    task.row_count = batch.row_count(rows_);
    task.to = lane.workspace->template destination<T>(output_);
    enqueue_finish(task, batch.row_bound(rows_), lane.stream);
  }

  Activation activation_;
};

}  // namespace hasten::engine::cuda
