#include "engine/lowering.h"

#include "engine/lower_weights.h"

namespace hasten::engine {
namespace {

const LoweredValue k_nothing;

}  // namespace

void expect(bool holds, std::string_view expected) {
  if (!holds) throw NotLowered{std::string(expected)};
}

bool Lowering::has_input(const graph::Node& node, std::size_t input) {
  return input < node.inputs.size() && node.inputs[input] != graph::k_no_value;
}

const LoweredValue& Lowering::of(const graph::Node& node, std::size_t input) const {
  return has_input(node, input) ? of(node.inputs[input]) : k_nothing;
}

const LoweredValue& Lowering::of(graph::ValueId value) const {
  const auto found = values_.find(value);
  return found == values_.end() ? k_nothing : found->second;
}

BufferId Lowering::buffer_of(const graph::Node& node, std::size_t input) {
  expect(has_input(node, input), "input " + std::to_string(input));
  return buffer_of(node.inputs[input]);
}

BufferId Lowering::buffer_of(graph::ValueId value) {
  const LoweredValue& lowered = values_[value];
  if (const auto* buffer = std::get_if<BufferId>(&lowered)) return *buffer;
  if (const auto* derived = std::get_if<Derived>(&lowered)) {
    expect(!std::holds_alternative<Channels>(of(derived->source)), "tokens before their columns");
    return compute_activation(*this, value);
  }
  if (const auto* sum = std::get_if<LookupSum>(&lowered)) {
    const std::int64_t width = sum->lookups[0].table.dims[1];
    const BufferId output = append(Embed{sum->lookups, {}, {}}, Rows::k_tokens, width);
    set(value, output);
    return output;
  }
  throw NotLowered{"a computed activation"};
}

TokenIndex Lowering::index_of(const graph::Node& node, std::size_t input) const {
  if (const auto* index = std::get_if<TokenIndex>(&of(node, input))) return *index;
  throw NotLowered{"input " + std::to_string(input) + " to be token ids, type ids or positions"};
}

bool Lowering::is_mask(const graph::Node& node, std::size_t input) const {
  return std::holds_alternative<MaskValue>(of(node, input));
}

std::optional<BufferId> Lowering::find_buffer(const graph::Node& node, std::size_t input) {
  if (const auto* buffer = find<BufferId>(node, input)) return *buffer;
  const auto* derived = find<Derived>(node, input);
  if (derived == nullptr || !std::holds_alternative<BufferId>(of(derived->source))) {
    return std::nullopt;
  }
  return buffer_of(node, input);
}

Linear* Lowering::open_linear(const graph::Node& node, std::size_t input) {
  const graph::ValueId value = node.inputs[input];
  const auto* buffer = std::get_if<BufferId>(&of(node, input));
  if (buffer == nullptr || graph_.consumers(value).size() != 1 || graph_.is_output(value)) {
    return nullptr;
  }
  return plain_linear(*buffer);
}

bool Lowering::is_computed_before(BufferId first, BufferId second) const {
  for (const Instruction& instruction : program_.instructions) {
    const BufferId written = write_of(instruction);
    if (written == second) return false;
    if (written == first) return true;
  }
  return false;
}

Linear* Lowering::plain_linear(BufferId buffer) {
  Linear* linear = linear_without_residual(buffer);
  return linear != nullptr && linear->activation == Activation::k_none ? linear : nullptr;
}

Linear* Lowering::linear_without_residual(BufferId buffer) {
  for (auto step = program_.instructions.rbegin(); step != program_.instructions.rend(); ++step) {
    auto* linear = std::get_if<Linear>(&*step);
    if (linear == nullptr || linear->output != buffer) continue;
    return linear->residual == k_no_buffer ? linear : nullptr;
  }
  return nullptr;
}

Tensor vector_input(const Lowering& lowering, const graph::Node& node, std::size_t input,
                    std::int64_t width) {
  auto tensor = find_vector(lowering.graph(), node.inputs[input]);
  expect(tensor && tensor->size() == width,
         "input " + std::to_string(input) + " to be a constant of the activation's width");
  tensor->dims = {width};
  return std::move(*tensor);
}

std::optional<Tensor> optional_vector(const Lowering& lowering, const graph::Node& node,
                                      std::size_t input, std::int64_t width) {
  if (!Lowering::has_input(node, input)) return std::nullopt;
  return vector_input(lowering, node, input, width);
}

}  // namespace hasten::engine
