#include "engine/lower.h"

#include <fmt/format.h>

#include "engine/lowering.h"

namespace hasten::engine {
namespace {

// Whether a value is computed from constants and shapes alone: such nodes are read through where they
// are used (Cast and DequantizeLinear of weights, lengths of slices) and need no instruction.
class ConstantExpressions {
 public:
  explicit ConstantExpressions(const graph::Graph& graph) : graph_(graph) {
    constant_.resize(graph.value_count(), false);
    for (const graph::NodeId id : graph.order()) {
      const graph::Node& node = graph.node(id);
      if (!node.is("Shape") && !all_inputs_constant(node)) continue;
      for (const graph::ValueId output : node.outputs) mark(output);
    }
  }

  bool contains(const graph::Node& node) const {
    return node.outputs[0] != graph::k_no_value && constant_[static_cast<std::size_t>(node.outputs[0])];
  }

 private:
  bool all_inputs_constant(const graph::Node& node) const {
    for (const graph::ValueId input : node.inputs) {
      if (input == graph::k_no_value || graph_.is_constant(input)) continue;
      if (!constant_[static_cast<std::size_t>(input)]) return false;
    }
    return true;
  }
  void mark(graph::ValueId value) {
    if (value != graph::k_no_value) constant_[static_cast<std::size_t>(value)] = true;
  }

  const graph::Graph& graph_;
  std::vector<bool> constant_;
};

void bind_inputs(Lowering& lowering) {
  const graph::Graph& graph = lowering.graph();
  for (const graph::ValueId input : graph.inputs()) {
    const std::string& name = graph.value(input).name;
    if (name == "input_ids") lowering.set(input, TokenIndex{IndexSource::k_token_id});
    if (name == "token_type_ids") lowering.set(input, TokenIndex{IndexSource::k_type_id});
    if (name == "position_ids") lowering.set(input, TokenIndex{IndexSource::k_position});
    if (name == "attention_mask") lowering.set(input, MaskValue{});
  }
}

double flops_of(const Instruction& instruction) {
  const auto* linear = std::get_if<Linear>(&instruction);
  if (linear == nullptr) return 0;
  return 2.0 * static_cast<double>(linear->weight.inputs()) *
         static_cast<double>(linear->weight.outputs());
}

void set_limits(Program& program) {
  for (const Instruction& instruction : program.instructions) {
    const bool per_token = program.buffer(write_of(instruction)).rows == Rows::k_tokens;
    (per_token ? program.flops_per_token : program.flops_per_sequence) += flops_of(instruction);
    const auto* embed = std::get_if<Embed>(&instruction);
    if (embed == nullptr) continue;
    for (const Lookup& lookup : embed->lookups) {
      const std::int64_t entries = lookup.table.dims[0];
      switch (lookup.source) {
        case IndexSource::k_token_id: program.vocabulary_size = entries; break;
        case IndexSource::k_type_id: program.type_count = entries; break;
        case IndexSource::k_position: program.position_limit = entries - lookup.index_offset; break;
        case IndexSource::k_padded_position:
          program.position_limit = entries - lookup.index_offset - 1;
          break;
      }
    }
  }
}

Obstacle describe(const graph::Node& node, const std::string& expected) {
  return {fmt::format("node {} ({}{}{}): expected {}", node.name.empty() ? "without a name" : node.name,
                      node.domain, node.domain.empty() ? "" : ".", node.op_type, expected)};
}

}  // namespace

std::variant<Program, Obstacle> lower(const graph::Graph& graph) {
  Lowering lowering(graph);
  bind_inputs(lowering);
  const ConstantExpressions constants(graph);
  for (const graph::NodeId id : graph.order()) {
    const graph::Node& node = graph.node(id);
    if (constants.contains(node)) continue;
    try {
      lower_node(lowering, node);
    } catch (const NotLowered& stop) {
      return describe(node, stop.expected);
    }
  }
  if (graph.outputs().size() != 1) return Obstacle{"the graph: expected one output, the logits"};
  graph::Node output;
  output.inputs = {graph.outputs()[0]};
  const auto* logits = std::get_if<BufferId>(&lowering.of(output, 0));
  if (logits == nullptr || lowering.rows(*logits) != Rows::k_sequences) {
    return Obstacle{"the graph's output: expected one row of logits per text"};
  }
  Program program = std::move(lowering.program());
  program.logits = *logits;
  program.class_count = program.buffer(*logits).width;
  set_limits(program);
  return program;
}

}  // namespace hasten::engine
