// Products with constant matrices, and what they take in: biases, activations, residuals.
#include <cmath>
#include <tuple>

#include "engine/lower_weights.h"
#include "engine/lowering.h"

namespace hasten::engine {
namespace {

BufferId emit_linear(Lowering& lowering, const graph::Node& node, Weight weight,
                     std::optional<Tensor> bias) {
  const BufferId input = lowering.buffer_of(node, 0);
  expect(weight.inputs() == lowering.width(input),
         "a weight with as many rows as the input is wide");
  const std::int64_t outputs = weight.outputs();
  Linear linear;
  linear.input = input;
  linear.weight = std::move(weight);
  linear.bias = std::move(bias);
  return lowering.emit(node, std::move(linear), lowering.rows(input), outputs);
}

}  // namespace

void lower_matmul(Lowering& lowering, const graph::Node& node) {
  if (lower_head_product(lowering, node)) return;
  auto weight = find_weight(lowering.graph(), node.inputs[1]);
  expect(weight.has_value(), "a constant matrix on the right");
  emit_linear(lowering, node, std::move(*weight), std::nullopt);
}

void lower_gemm(Lowering& lowering, const graph::Node& node) {
  expect(
      node.number("alpha", 1) == 1 && node.number("beta", 1) == 1 && node.integer("transA", 0) == 0,
      "alpha = beta = 1 and an input that is not transposed");
  auto weight = find_weight(lowering.graph(), node.inputs[1]);
  expect(weight.has_value(), "a constant matrix on the right");
  if (node.integer("transB", 0) != 0) {
    expect(!weight->scales, "quantised weights that are not transposed");
    weight->transposed = !weight->transposed;
  }
  const std::int64_t outputs = weight->outputs();
  emit_linear(lowering, node, std::move(*weight), optional_vector(lowering, node, 2, outputs));
}

void attach_bias(Lowering& lowering, const graph::Node& node, std::size_t input, Tensor bias) {
  Linear* linear = lowering.open_linear(node, input);
  expect(linear != nullptr && !linear->bias, "the constant to be the bias of a matrix product");
  linear->bias = std::move(bias);
}

BufferId emit_sum(Lowering& lowering, const graph::Node& node) {
  const BufferId left = lowering.buffer_of(node, 0);
  const BufferId right = lowering.buffer_of(node, 1);
  expect(
      lowering.width(left) == lowering.width(right) && lowering.rows(left) == lowering.rows(right),
      "activations of one shape");
  for (const auto& [input, sum, residual] :
       {std::tuple{std::size_t{0}, left, right}, std::tuple{std::size_t{1}, right, left}}) {
    Linear* linear = lowering.open_linear(node, input);
    if (linear == nullptr || left == right || !lowering.is_computed_before(residual, sum)) continue;
    linear->residual = residual;
    return sum;
  }
  return lowering.append(Add{left, right, {}}, lowering.rows(left), lowering.width(left));
}

bool lower_bias(Lowering& lowering, const graph::Node& node) {
  for (const std::size_t constant : {std::size_t{1}, std::size_t{0}}) {
    const auto* buffer = lowering.find<BufferId>(node, 1 - constant);
    if (buffer == nullptr || !find_vector(lowering.graph(), node.inputs[constant])) continue;
    const BufferId output = *buffer;
    attach_bias(lowering, node, 1 - constant,
                vector_input(lowering, node, constant, lowering.width(output)));
    lowering.set(node.outputs[0], output);
    return true;
  }
  return false;
}

void lower_biased_activation(Lowering& lowering, const graph::Node& node, Activation activation) {
  const BufferId input = lowering.buffer_of(node, 0);
  Linear* linear = lowering.open_linear(node, 0);
  expect(linear != nullptr && !linear->bias, "the constant to be the bias of a matrix product");
  linear->bias = vector_input(lowering, node, 1, lowering.width(input));
  linear->activation = activation;
  lowering.set(node.outputs[0], input);
}

// com.microsoft Attention(input, weight [H, 3H], bias [3H], mask?) with equal query, key, value
// sizes.
void lower_attention(Lowering& lowering, const graph::Node& node) {
  expect(node.integer("unidirectional", 0) == 0, "attention in both directions");
  expect(!Lowering::has_input(node, 3) || lowering.is_mask(node, 3),
         "the mask to be the attention_mask input");
  expect(Lowering::has_input(node, 3) || !lowering.has_padding(),
         "padding to be hidden, which a graph of a fixed length has");
  for (const std::size_t extra : {4, 5, 6}) {
    expect(!Lowering::has_input(node, extra), "neither a past state nor an added bias");
  }
  auto weight = find_weight(lowering.graph(), node.inputs[1]);
  expect(weight && weight->outputs() % 3 == 0, "a constant packed weight of query, key and value");
  const std::int64_t hidden = weight->outputs() / 3;
  for (const std::int64_t size : node.integers("qkv_hidden_sizes", {})) {
    expect(size == hidden, "query, key and value of one size");
  }
  const std::int64_t heads = node.integer("num_heads", 0);
  expect(heads > 0 && hidden % heads == 0, "num_heads to divide the hidden size");
  auto bias = optional_vector(lowering, node, 2, 3 * hidden);
  const BufferId packed = emit_linear(lowering, node, std::move(*weight), std::move(bias));
  const std::int64_t head_size = hidden / heads;
  float scale = node.number("scale", 0);
  if (scale == 0) scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head_size)));
  lowering.emit(
      node,
      Attention{{packed, 0}, {packed, hidden}, {packed, 2 * hidden}, heads, head_size, scale, {}},
      Rows::k_tokens, hidden);
}

}  // namespace hasten::engine
