#include "engine/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/lowering.h"
#include "engine/product_names.h"

namespace hasten::engine {
namespace {

// What a value depends on. Constants (Cast and DequantizeLinear of weights) are read through where they
// are used and need no instruction; what is made of shapes may be positions, or mere shape arithmetic.
enum class Source : std::uint8_t { k_constants, k_shapes, k_inputs };

class Sources {
 public:
  explicit Sources(const graph::Graph& graph) : of_value_(graph.value_count(), Source::k_inputs) {
    for (std::size_t i = 0; i < of_value_.size(); ++i) {
      if (graph.is_constant(static_cast<graph::ValueId>(i))) of_value_[i] = Source::k_constants;
    }
    for (const graph::NodeId id : graph.order()) {
      const graph::Node& node = graph.node(id);
      for (const graph::ValueId output : node.outputs) {
        if (output != graph::k_no_value) of_value_[static_cast<std::size_t>(output)] = of(node);
      }
    }
  }

  Source of(const graph::Node& node) const {
    if (node.is("Shape")) return Source::k_shapes;
    Source source = Source::k_constants;
    for (const graph::ValueId input : node.inputs) {
      if (input != graph::k_no_value) {
        source = std::max(source, of_value_[static_cast<std::size_t>(input)]);
      }
    }
    return source;
  }

 private:
  std::vector<Source> of_value_;
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

// The smallest of the limits that several tables set; 0 where none has yet.
void lower_limit(std::int64_t& held, std::int64_t limit) {
  held = held == 0 ? limit : std::min(held, limit);
}

void set_limits(Program& program, const Lookup& lookup) {
  const std::int64_t entries = lookup.table.dims[0];
  switch (lookup.source) {
    case IndexSource::k_token_id: return lower_limit(program.vocabulary_size, entries);
    case IndexSource::k_type_id: return lower_limit(program.type_count, entries);
    case IndexSource::k_position: return lower_limit(program.position_limit, entries - lookup.index_offset);
    case IndexSource::k_padded_position:
      return lower_limit(program.position_limit, entries - lookup.index_offset - 1);
  }
}

void set_limits(Program& program) {
  program.type_count = 0;
  for (const Instruction& instruction : program.instructions) {
    const bool per_token = program.buffer(write_of(instruction)).rows == Rows::k_tokens;
    (per_token ? program.flops_per_token : program.flops_per_sequence) += flops_of(instruction);
    const auto* embed = std::get_if<Embed>(&instruction);
    if (embed == nullptr) continue;
    for (const Lookup& lookup : embed->lookups) set_limits(program, lookup);
  }
  if (program.type_count == 0) program.type_count = 1;
}

Obstacle describe(const graph::Node& node, const std::string& expected) {
  return {fmt::format("node {} ({}{}{}): expected {}", node.name.empty() ? "without a name" : node.name,
                      node.domain, node.domain.empty() ? "" : ".", node.op_type, expected)};
}

}  // namespace

std::variant<Program, Obstacle> lower(const graph::Graph& graph) {
  Lowering lowering(graph);
  bind_inputs(lowering);
  const Sources sources(graph);
  for (const graph::NodeId id : graph.order()) {
    const graph::Node& node = graph.node(id);
    const Source source = sources.of(node);
    if (source == Source::k_constants) continue;
    try {
      lower_node(lowering, node);
    } catch (const NotLowered& stop) {
      if (source == Source::k_inputs) return describe(node, stop.expected);
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
  name_products(program);
  return program;
}

}  // namespace hasten::engine
