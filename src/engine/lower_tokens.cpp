// What goes on along a text's tokens: means, convolutions, and what sets padding to zero.
#include "engine/lower_weights.h"
#include "engine/lowering.h"
#include "graph/passes/match.h"

namespace hasten::engine {
namespace {

using graph::Node;

bool is_over_tokens(const Lowering& lowering, const Node& node) {
  const auto axes = graph::integers_of(lowering.graph(), node, "axes", 1);
  return axes && *axes == std::vector<std::int64_t>{1} && node.integer("keepdims", 1) == 0;
}

BufferId tokens_of(Lowering& lowering, const Node& node) {
  const BufferId buffer = lowering.buffer_of(node, 0);
  expect(lowering.rows(buffer) == Rows::k_tokens && is_over_tokens(lowering, node),
         "tokens to be summed (axis 1)");
  return buffer;
}

void emit_mean(Lowering& lowering, const Node& node, BufferId buffer) {
  lowering.emit(node, Pool{buffer, PoolKind::k_mean, {}}, Rows::k_sequences,
                lowering.width(buffer));
}

// A convolution's weight [outputs, inputs / groups, taps] as that of a product with neighbours side
// by side: [outputs, taps * inputs].
Weight product_weight(const Tensor& kernel, std::int64_t groups, std::int64_t inputs) {
  const std::int64_t outputs = kernel.dims[0];
  const std::int64_t part = kernel.dims[1];
  const std::int64_t taps = kernel.dims[2];
  const std::vector<float> from = to_float32(kernel);
  std::vector<float> values(static_cast<std::size_t>(outputs * taps * inputs));
  std::size_t next = 0;
  for (std::int64_t output = 0; output < outputs; ++output) {
    const std::int64_t first = output / (outputs / groups) * part;
    for (std::int64_t input = first; input < first + part; ++input) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        values[static_cast<std::size_t>((output * taps + tap) * inputs + input)] = from[next++];
      }
    }
  }
  return {make_tensor<float>({outputs, taps * inputs}, std::move(values)), true, std::nullopt};
}

void expect_same_length(const Node& node, std::int64_t taps) {
  const std::vector<std::int64_t> one = {1};
  const std::int64_t radius = (taps - 1) / 2;
  const std::vector<std::int64_t> pads = {radius, radius};
  expect(taps % 2 == 1 && node.integers("pads", {0, 0}) == pads &&
             node.integers("strides", one) == one && node.integers("dilations", one) == one &&
             node.text("auto_pad", "NOTSET") == "NOTSET",
         "a convolution that keeps the number of tokens");
}

}  // namespace

// Mul(activation, what is 1 for every token that is no padding).
bool lower_kept_tokens(Lowering& lowering, const Node& node) {
  for (const std::size_t mask : {std::size_t{1}, std::size_t{0}}) {
    const graph::ValueId kept = node.inputs[mask];
    if (lowering.graph().is_constant(kept) || !lowering.lengths().contains(kept)) continue;
    const LoweredValue lowered = lowering.of(node, 1 - mask);
    if (std::holds_alternative<std::monostate>(lowered) ||
        !lowering.lengths().is_everywhere(kept, 1)) {
      continue;
    }
    lowering.set(node.outputs[0], lowered);
    return true;
  }
  return false;
}

void lower_token_sum(Lowering& lowering, const Node& node) {
  const BufferId buffer = tokens_of(lowering, node);
  if (node.is("ReduceMean")) return emit_mean(lowering, node, buffer);
  lowering.set(node.outputs[0], TokenSum{buffer});
}

// Div(sum over tokens, their number).
bool lower_token_mean(Lowering& lowering, const Node& node) {
  const auto* sum = lowering.find<TokenSum>(node, 0);
  if (sum == nullptr) return false;
  expect(lowering.lengths().is_length(node.inputs[1]),
         "the sum to be divided by the number of tokens");
  emit_mean(lowering, node, sum->buffer);
  return true;
}

void lower_convolution(Lowering& lowering, const Node& node) {
  const auto* channels = lowering.find<Channels>(node, 0);
  const auto kernel = find_vector(lowering.graph(), node.inputs[1]);
  expect(channels != nullptr && kernel && kernel->dims.size() == 3,
         "a convolution along the tokens");
  const BufferId input = channels->buffer;
  const std::int64_t width = lowering.width(input);
  const std::int64_t groups = node.integer("group", 1);
  const std::int64_t taps = kernel->dims[2];
  expect(lowering.rows(input) == Rows::k_tokens && groups > 0 &&
             kernel->dims[1] * groups == width && kernel->dims[0] % groups == 0,
         "a convolution of all columns");
  expect_same_length(node, taps);
  const BufferId wide =
      lowering.append(Neighbors{input, (taps - 1) / 2, {}}, Rows::k_tokens, taps * width);
  Linear linear;
  linear.input = wide;
  linear.weight = product_weight(*kernel, groups, width);
  if (Lowering::has_input(node, 2)) {
    linear.bias = find_vector(lowering.graph(), node.inputs[2]);
    expect(linear.bias && linear.bias->size() == kernel->dims[0], "a constant bias");
  }
  lowering.set(node.outputs[0],
               Channels{lowering.append(std::move(linear), Rows::k_tokens, kernel->dims[0])});
}

}  // namespace hasten::engine
