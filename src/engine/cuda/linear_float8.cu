#include "engine/cuda/linear_float8.h"

#include <cassert>
#include <string>

#include "engine/cuda/finish.h"
#include "engine/cuda/quantize_rows.h"

namespace hasten::engine::cuda {
namespace {

class Float8LinearOperation final : public Operation {
 public:
  Float8LinearOperation(const Linear& linear, const Builder& builder)
      : rows_(builder.rows(linear.output)),
        activation_(linear.activation),
        input_(*builder.forms(linear.input).narrow),
        output_(builder.forms(linear.output)),
        product_(builder.storages.product(builder.instruction)),
        scratch_(*builder.storages.float8(builder.instruction)),
        weight_(builder.weights.float8_matrix(linear.weight)) {
    assert(rows_ == Rows::k_tokens && builder.rows(linear.input) == rows_);
    shape_.inputs = static_cast<std::size_t>(linear.weight.inputs());
    shape_.outputs = static_cast<std::size_t>(linear.weight.outputs());
    shape_.operand = NumberType::k_float8;
    shape_.result = product_ || output_.float32 ? NumberType::k_float32 : NumberType::k_bfloat16;
    if (linear.residual != k_no_buffer) residual_ = builder.forms(linear.residual).float32;
    if (linear.bias) bias_ = builder.weights.values<float>(*linear.bias);
    builder.product.prepare(shape_, k_measured_rows);
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    const Workspace& workspace = *lane.workspace;
    QuantizeTask quantize;
    quantize.input = workspace.at<BFloat16>(input_);
    quantize.width = shape_.inputs;
    quantize.row_count = batch.row_count(rows_);
    quantize.values = workspace.at<Float8>(scratch_.values);
    quantize.scales = workspace.at<float>(scratch_.row_scales);
    quantize_rows(quantize, batch.row_bound(rows_), lane.stream);
    ProductTask task;
    task.rows = batch.row_bound(rows_);
    task.input = quantize.values;
    task.weight = weight_.values;
    task.output = product_          ? workspace.at<std::byte>(*product_)
                  : output_.float32 ? workspace.at<std::byte>(*output_.float32)
                                    : workspace.at<std::byte>(*output_.narrow);
    lane.product->enqueue(shape_, task);
    if (shape_.result == NumberType::k_float32) {
      finish_with<float>(batch, lane, task.output);
    } else {
      finish_with<BFloat16>(batch, lane, task.output);
    }
  }

  double flops(const RaggedBatch& batch) const override {
    return 2.0 * static_cast<double>(row_count(batch, rows_)) *
           static_cast<double>(shape_.inputs * shape_.outputs);
  }
  std::string name() const override {
    return "Linear " + std::to_string(shape_.inputs) + "x" + std::to_string(shape_.outputs) +
           " fp8";
  }

 private:
  template <typename P>
  void finish_with(const DeviceBatch& batch, const Lane& lane, const void* product) const {
    FinishTask<BFloat16, P> task;
    task.product = static_cast<const P*>(product);
    task.row_scales = lane.workspace->at<float>(scratch_.row_scales);
    task.column_scales = weight_.scales;
    task.bias = bias_;
    task.residual = lane.workspace->at<float>(residual_);
    task.activation = activation_;
    task.width = shape_.outputs;
    task.row_count = batch.row_count(rows_);
    task.to = lane.workspace->destination<BFloat16>(output_);
    enqueue_finish(task, batch.row_bound(rows_), lane.stream);
  }

  Rows rows_;
  Activation activation_;
  StorageId input_;
  Forms output_;
  std::optional<StorageId> product_, residual_;
  Float8Scratch scratch_;
  Float8Matrix weight_;
  const float* bias_ = nullptr;
  ProductShape shape_;
};

}  // namespace

std::unique_ptr<Operation> make_float8_linear(const Linear& linear, const Builder& builder) {
  return std::make_unique<Float8LinearOperation>(linear, builder);
}

}  // namespace hasten::engine::cuda
