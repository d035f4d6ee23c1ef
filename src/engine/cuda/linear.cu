// Linear: a matrix product, and what is left of the instruction after it.
#include <cassert>
#include <type_traits>

#include "engine/cuda/linear_float8.h"
#include "engine/cuda/linear_operation.h"

namespace hasten::engine::cuda {
namespace {

template <typename T>
constexpr NumberType k_number_type = NumberType::k_float32;
template <>
constexpr NumberType k_number_type<BFloat16> = NumberType::k_bfloat16;
template <>
constexpr NumberType k_number_type<Float16> = NumberType::k_float16;

template <typename T>
class PlainLinearOperation final : public LinearOperation<T> {
 public:
  PlainLinearOperation(const Linear& linear, const Builder& builder)
      : LinearOperation<T>(linear, builder, k_number_type<T>),
        input_(operand(builder.forms(linear.input))),
        weight_(builder.weights.template matrix<T>(linear.weight)) {
    assert(builder.width(linear.input) == shape_.inputs &&
           builder.width(linear.output) == shape_.outputs);
    assert(builder.rows(linear.input) == this->rows_);
    shape_.operand = k_number_type<T>;
    // cuBLASLt adds the bias and the residual by itself where nothing stands between.
    const bool plain = linear.activation == Activation::k_none;
    const bool has_residual = this->residual_.has_value();
    shape_.adds = plain && has_residual && this->output_.float32;
    shape_.has_bias = plain && linear.bias;
    if (linear.bias) {
      bias_ = shape_.has_bias && shape_.result != NumberType::k_float32
                  ? static_cast<const void*>(builder.weights.template values<T>(*linear.bias))
                  : builder.weights.template values<float>(*linear.bias);
    }
    const bool both = this->output_.float32 && this->output_.narrow;
    finishes_ = !plain || both || (has_residual && !shape_.adds);
    builder.product.prepare(shape_, k_measured_rows);
  }

  void enqueue(const DeviceBatch& batch, const Lane& lane) const override {
    const Workspace& workspace = *lane.workspace;
    const auto* residual = workspace.at<float>(this->residual_);
    ProductTask task;
    task.rows = batch.row_bound(this->rows_);
    task.input = workspace.at<std::byte>(input_);
    task.weight = weight_;
    task.bias = shape_.has_bias ? bias_ : nullptr;
    task.output = this->result(workspace);
    task.addend = shape_.adds ? residual : nullptr;
    lane.product->enqueue(shape_, task);
    if (!finishes_) return;
    typename LinearOperation<T>::Rest rest;
    rest.bias = shape_.has_bias ? nullptr : static_cast<const float*>(bias_);
    rest.residual = shape_.adds ? nullptr : residual;
    this->finish(batch, lane, rest);
  }

 private:
  static StorageId operand(const Forms& forms) {
    return forms.narrow ? *forms.narrow : *forms.float32;
  }

  using LinearOperation<T>::shape_;
  StorageId input_;
  const T* weight_;
  const void* bias_ = nullptr;  // T where cuBLASLt adds it to a result of T, else float32
  bool finishes_ = false;
};

}  // namespace

template <typename T>
std::unique_ptr<Operation> make_operation(const Linear& linear, const Builder& builder) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    if (linear.precision == Precision::k_float8) return make_float8_linear(linear, builder);
  }
  return std::make_unique<PlainLinearOperation<T>>(linear, builder);
}
HASTEN_INSTANTIATE(Linear)

}  // namespace hasten::engine::cuda
