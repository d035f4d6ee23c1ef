// Linear: a matrix product, and what is left of the instruction after it.
#include <cassert>
#include <string>
#include <type_traits>

#include "engine/cuda/builder.h"
#include "engine/cuda/finish.h"
#include "engine/cuda/linear_float8.h"

namespace hasten::engine::cuda {
namespace {

template <typename T>
constexpr NumberType k_number_type = NumberType::k_float32;
template <>
constexpr NumberType k_number_type<BFloat16> = NumberType::k_bfloat16;
template <>
constexpr NumberType k_number_type<Float16> = NumberType::k_float16;

template <typename T>
class LinearOperation final : public Operation {
 public:
  LinearOperation(const Linear& linear, const Builder& builder)
      : rows_(builder.rows(linear.output)),
        activation_(linear.activation),
        input_(operand(builder.forms(linear.input))),
        output_(builder.forms(linear.output)),
        product_(builder.storages.product(builder.instruction)),
        weight_(builder.weights.template matrix<T>(linear.weight)) {
    shape_.inputs = static_cast<std::size_t>(linear.weight.inputs());
    shape_.outputs = static_cast<std::size_t>(linear.weight.outputs());
    assert(builder.width(linear.input) == shape_.inputs &&
           builder.width(linear.output) == shape_.outputs);
    assert(builder.rows(linear.input) == rows_);
    if (linear.residual != k_no_buffer) residual_ = builder.forms(linear.residual).float32;
    shape_.operand = k_number_type<T>;
    shape_.result = product_ || output_.float32 ? NumberType::k_float32 : k_number_type<T>;
    // cuBLASLt adds the bias and the residual by itself where nothing stands between.
    const bool plain = linear.activation == Activation::k_none;
    shape_.adds = plain && residual_ && output_.float32;
    shape_.has_bias = plain && linear.bias;
    if (linear.bias) {
      bias_ = shape_.has_bias && shape_.result != NumberType::k_float32
                  ? static_cast<const void*>(builder.weights.template values<T>(*linear.bias))
                  : builder.weights.template values<float>(*linear.bias);
    }
    const bool both = output_.float32 && output_.narrow;
    finishes_ = !plain || both || (residual_ && !shape_.adds);
    builder.product.prepare(shape_, k_measured_rows);
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    const Workspace& workspace = *lane.workspace;
    ProductTask task;
    task.rows = batch.row_bound(rows_);
    task.input = workspace.at<std::byte>(input_);
    task.weight = weight_;
    task.bias = shape_.has_bias ? bias_ : nullptr;
    task.output = product_          ? workspace.at<std::byte>(*product_)
                  : output_.float32 ? workspace.at<std::byte>(*output_.float32)
                                    : workspace.at<std::byte>(*output_.narrow);
    task.addend = shape_.adds ? workspace.at<std::byte>(*residual_) : nullptr;
    lane.product->enqueue(shape_, task);
    if (!finishes_) return;
    if (shape_.result == NumberType::k_float32) {
      finish_with<float>(batch, lane, task.output);
    } else {
      finish_with<T>(batch, lane, task.output);
    }
  }

  double flops(const RaggedBatch& batch) const override {
    return 2.0 * static_cast<double>(row_count(batch, rows_)) *
           static_cast<double>(shape_.inputs * shape_.outputs);
  }
  std::string name() const override {
    return "Linear " + std::to_string(shape_.inputs) + "x" + std::to_string(shape_.outputs);
  }

 private:
  static StorageId operand(const Forms& forms) {
    return forms.narrow ? *forms.narrow : *forms.float32;
  }

  template <typename P>
  void finish_with(const DeviceBatch& batch, const Lane& lane, const void* product) const {
    FinishTask<T, P> task;
    task.product = static_cast<const P*>(product);
    task.bias = shape_.has_bias ? nullptr : static_cast<const float*>(bias_);
    task.residual = shape_.adds ? nullptr : lane.workspace->at<float>(residual_);
    task.activation = activation_;
    task.width = shape_.outputs;
    task.row_count = batch.row_count(rows_);
    task.to = lane.workspace->destination<T>(output_);
    enqueue_finish(task, batch.row_bound(rows_), lane.stream);
  }

  Rows rows_;
  Activation activation_;
  StorageId input_;
  Forms output_;
  std::optional<StorageId> product_, residual_;
  const T* weight_;
  const void* bias_ = nullptr;  // T where cuBLASLt adds it to a result of T, else float32
  ProductShape shape_;
  bool finishes_ = false;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Linear& linear, const Builder& builder) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    if (linear.precision == Precision::k_float8) return make_float8_linear(linear, builder);
  }
  return std::make_unique<LinearOperation<T>>(linear, builder);
}
HASTEN_INSTANTIATE(Linear)

}  // namespace hasten::engine::cuda
