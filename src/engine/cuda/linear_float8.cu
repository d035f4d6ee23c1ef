#include "engine/cuda/linear_float8.h"

#include <cassert>

#include "engine/cuda/linear_operation.h"
#include "engine/cuda/quantize_rows.h"

namespace hasten::engine::cuda {
namespace {

class Float8LinearOperation final : public LinearOperation<BFloat16> {
 public:
  Float8LinearOperation(const Linear& linear, const Builder& builder)
      : LinearOperation(linear, builder, NumberType::k_bfloat16),
        input_(*builder.forms(linear.input).narrow),
        scratch_(*builder.storages.float8(builder.instruction)),
        weight_(builder.weights.float8_matrix(linear.weight)) {
    assert(rows_ == Rows::k_tokens && builder.rows(linear.input) == rows_);
    shape_.operand = NumberType::k_float8;
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
    task.output = result(workspace);
    lane.product->enqueue(shape_, task);
    Rest rest;
    rest.row_scales = quantize.scales;
    rest.column_scales = weight_.scales;
    rest.bias = bias_;
    rest.residual = workspace.at<float>(residual_);
    finish(batch, lane, rest);
  }

  std::string name() const override { return LinearOperation::name() + " fp8"; }

 private:
  StorageId input_;
  Float8Scratch scratch_;
  Float8Matrix weight_;
  const float* bias_ = nullptr;
};

}  // namespace

std::unique_ptr<Operation> make_float8_linear(const Linear& linear, const Builder& builder) {
  return std::make_unique<Float8LinearOperation>(linear, builder);
}

}  // namespace hasten::engine::cuda
