#include "engine/lowering.h"

namespace hasten::engine {
namespace {

const LoweredValue k_nothing;

}  // namespace

bool Lowering::has_input(const graph::Node& node, std::size_t input) {
  return input < node.inputs.size() && node.inputs[input] != graph::k_no_value;
}

const LoweredValue& Lowering::of(const graph::Node& node, std::size_t input) const {
  if (!has_input(node, input)) return k_nothing;
  const auto found = values_.find(node.inputs[input]);
  return found == values_.end() ? k_nothing : found->second;
}

BufferId Lowering::buffer_of(const graph::Node& node, std::size_t input) const {
  if (const auto* buffer = std::get_if<BufferId>(&of(node, input))) return *buffer;
  throw NotLowered{"input " + std::to_string(input) + " to be a computed activation"};
}

TokenIndex Lowering::index_of(const graph::Node& node, std::size_t input) const {
  if (const auto* index = std::get_if<TokenIndex>(&of(node, input))) return *index;
  throw NotLowered{"input " + std::to_string(input) + " to be token ids, type ids or positions"};
}

bool Lowering::is_mask(const graph::Node& node, std::size_t input) const {
  return std::holds_alternative<MaskValue>(of(node, input));
}

Linear* Lowering::open_linear(const graph::Node& node, std::size_t input) {
  const graph::ValueId value = node.inputs[input];
  const auto* buffer = std::get_if<BufferId>(&of(node, input));
  if (buffer == nullptr || graph_.consumers(value).size() != 1 || graph_.is_output(value)) {
    return nullptr;
  }
  for (Instruction& instruction : program_.instructions) {
    auto* linear = std::get_if<Linear>(&instruction);
    if (linear != nullptr && linear->output == *buffer) {
      return linear->activation == Activation::k_none ? linear : nullptr;
    }
  }
  return nullptr;
}

}  // namespace hasten::engine
