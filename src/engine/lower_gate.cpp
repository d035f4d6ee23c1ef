// Gates: the activation of one half of each row times the other, which the engine has side by side.
#include <numeric>

#include "engine/lowering.h"
#include "engine/weight_columns.h"
#include "graph/passes/match.h"

namespace hasten::engine {
namespace {

using graph::Node;
using graph::ValueId;

constexpr std::string_view k_halves = "the two halves of each row to be multiplied";

// What Split or Slice took a value out of; k_no_value where it was another operator.
ValueId whole_of(const Lowering& lowering, ValueId part) {
  const Node* node = graph::find_producer(lowering.graph(), part);
  return node != nullptr && (node->is("Split") || node->is("Slice")) ? node->inputs[0]
                                                                     : graph::k_no_value;
}

// Exchanges the halves of a product that nothing but the gate reads.
void exchange_halves(Lowering& lowering, const Node& node, BufferId buffer, ValueId first,
                     ValueId second) {
  const ValueId whole = whole_of(lowering, first);
  Linear* linear = lowering.plain_linear(buffer);
  expect(whole != graph::k_no_value && whole == whole_of(lowering, second) && linear != nullptr &&
             is_only_way(lowering.graph(), whole, node.outputs[0]),
         k_halves);
  const std::int64_t width = lowering.width(buffer);
  std::vector<std::int64_t> columns(static_cast<std::size_t>(width));
  for (std::int64_t i = 0; i < width; ++i)
    columns[static_cast<std::size_t>(i)] = (i + width / 2) % width;
  linear->weight = choose_columns(linear->weight, columns);
  if (linear->bias) linear->bias = choose_elements(*linear->bias, columns);
}

// The activation of a part of each row times another part of it.
bool lower_gate_of_views(Lowering& lowering, const Node& node, std::size_t active, ValueId source) {
  const auto* values = std::get_if<View>(&lowering.of(source));
  const auto* factors = lowering.find<View>(node, 1 - active);
  if (values == nullptr || factors == nullptr || source == node.inputs[1 - active]) return false;
  const BufferId buffer = values->columns.buffer;
  const std::int64_t width = values->width;
  expect(factors->columns.buffer == buffer && factors->width == width &&
             lowering.width(buffer) == 2 * width &&
             values->columns.offset + factors->columns.offset == width &&
             (values->columns.offset == 0 || values->columns.offset == width),
         k_halves);
  const Activation activation = recognize_activation(lowering, source, node.inputs[active]);
  if (values->columns.offset == width)
    exchange_halves(lowering, node, buffer, source, node.inputs[1 - active]);
  lowering.emit(node, Gate{buffer, activation, {}}, lowering.rows(buffer), width);
  return true;
}

Tensor bias_or_zeros(const Linear& linear) {
  if (linear.bias) return *linear.bias;
  const std::int64_t width = linear.weight.outputs();
  return make_tensor<float>({width}, std::vector<float>(static_cast<std::size_t>(width), 0));
}

bool is_read_once(const graph::Graph& graph, ValueId value) {
  return graph::only_consumer(graph, value) != graph::k_no_node;
}

// The activation of one product times another product of the same rows: one product of twice the width.
bool lower_gate_of_products(Lowering& lowering, const Node& node, std::size_t active,
                            ValueId source) {
  const auto* values = std::get_if<BufferId>(&lowering.of(source));
  const auto* factors = lowering.find<BufferId>(node, 1 - active);
  if (values == nullptr || factors == nullptr || *values == *factors) return false;
  const BufferId buffer = *values;
  const BufferId other = *factors;
  const graph::Graph& graph = lowering.graph();
  Linear* left = lowering.plain_linear(buffer);
  const Linear* right = lowering.plain_linear(other);
  if (left == nullptr || right == nullptr || left->input != right->input ||
      left->weight.outputs() != right->weight.outputs() ||
      !is_only_way(graph, source, node.inputs[active]) ||
      !is_read_once(graph, node.inputs[active]) || !is_read_once(graph, node.inputs[1 - active])) {
    return false;
  }
  auto joined = join_columns(left->weight, right->weight);
  if (!joined) return false;
  const Activation activation = recognize_activation(lowering, source, node.inputs[active]);
  const std::int64_t width = left->weight.outputs();
  left->weight = std::move(*joined);
  if (left->bias || right->bias)
    left->bias = join_elements(bias_or_zeros(*left), bias_or_zeros(*right));
  lowering.program().buffers[static_cast<std::size_t>(buffer)].width = 2 * width;
  std::erase_if(lowering.program().instructions,
                [&](const Instruction& instruction) { return write_of(instruction) == other; });
  lowering.emit(node, Gate{buffer, activation, {}}, lowering.rows(buffer), width);
  return true;
}

}  // namespace

bool lower_gate(Lowering& lowering, const Node& node) {
  const std::size_t active = lowering.find<Derived>(node, 1) != nullptr ? 1 : 0;
  if (lowering.find<Derived>(node, active) == nullptr &&
      lowering.find<View>(node, active) == nullptr)
    return false;
  const ValueId source = source_of(lowering, node, active);
  if (source == graph::k_no_value) return false;
  return lower_gate_of_views(lowering, node, active, source) ||
         lower_gate_of_products(lowering, node, active, source);
}

}  // namespace hasten::engine
