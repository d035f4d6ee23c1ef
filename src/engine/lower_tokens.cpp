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
  const bool counts_padding =
      lowering.has_padding() &&
      (!node.is("ReduceSum") || !lowering.without_padding.contains(node.inputs[0]));
  expect(!counts_padding, "padding to be left out, which a graph of a fixed length has");
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

// Whether an input is [batch, width, length] or computed from that element by element.
bool is_turned(const Lowering& lowering, const Node& node, std::size_t input) {
  const auto* derived = lowering.find<Derived>(node, input);
  return derived != nullptr ? std::holds_alternative<Channels>(lowering.of(derived->source))
                            : lowering.find<Channels>(node, input) != nullptr;
}

// The buffer of [batch, width, length] that an input is or, as an activation, can be computed to.
std::optional<BufferId> channels_of(Lowering& lowering, const Node& node, std::size_t input) {
  if (const auto* derived = lowering.find<Derived>(node, input)) {
    if (!std::holds_alternative<Channels>(lowering.of(derived->source))) return std::nullopt;
    compute_activation(lowering, node.inputs[input]);
  }
  const auto* channels = lowering.find<Channels>(node, input);
  return channels == nullptr ? std::nullopt : std::optional(channels->buffer);
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

// Add([batch, width, length], [batch, width, length])
bool lower_channel_sum(Lowering& lowering, const Node& node) {
  if (!is_turned(lowering, node, 0) || !is_turned(lowering, node, 1)) return false;
  const auto left = channels_of(lowering, node, 0);
  const auto right = channels_of(lowering, node, 1);
  expect(lowering.width(*left) == lowering.width(*right), "activations of one shape");
  const auto is_read_once = [&](std::size_t input) {
    return graph::only_consumer(lowering.graph(), node.inputs[input]) != graph::k_no_node;
  };
  for (const std::size_t product : {std::size_t{0}, std::size_t{1}}) {
    const BufferId sum = product == 0 ? *left : *right;
    const BufferId residual = product == 0 ? *right : *left;
    Linear* linear = is_read_once(product) ? lowering.plain_linear(sum) : nullptr;
    if (linear == nullptr || sum == residual || !lowering.is_computed_before(residual, sum))
      continue;
    linear->residual = residual;
    lowering.set(node.outputs[0], Channels{sum});
    return true;
  }
  lowering.set(node.outputs[0], Channels{lowering.append(Add{*left, *right, {}}, Rows::k_tokens,
                                                         lowering.width(*left))});
  return true;
}

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
    if (lowering.has_padding() &&
        lowering.lengths().tells_padding(kept, true, [](double factor) { return factor == 0; })) {
      lowering.without_padding.insert(node.outputs[0]);
    }
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
  const auto channels = channels_of(lowering, node, 0);
  const auto kernel = find_vector(lowering.graph(), node.inputs[1]);
  expect(channels && kernel && kernel->dims.size() == 3, "a convolution along the tokens");
  const BufferId input = *channels;
  const std::int64_t width = lowering.width(input);
  const std::int64_t groups = node.integer("group", 1);
  const std::int64_t taps = kernel->dims[2];
  expect(lowering.rows(input) == Rows::k_tokens && groups > 0 &&
             kernel->dims[1] * groups == width && kernel->dims[0] % groups == 0,
         "a convolution of all columns");
  expect_same_length(node, taps);
  expect(taps == 1 || !lowering.has_padding(), "a convolution that padding does not come into");
  Linear linear;
  linear.input = input;
  if (taps > 1) {
    linear.input =
        lowering.append(Neighbors{input, (taps - 1) / 2, {}}, Rows::k_tokens, taps * width);
  }
  linear.weight = product_weight(*kernel, groups, width);
  if (Lowering::has_input(node, 2)) {
    linear.bias = find_vector(lowering.graph(), node.inputs[2]);
    expect(linear.bias && linear.bias->size() == kernel->dims[0], "a constant bias");
  }
  lowering.set(node.outputs[0],
               Channels{lowering.append(std::move(linear), Rows::k_tokens, kernel->dims[0])});
}

}  // namespace hasten::engine
