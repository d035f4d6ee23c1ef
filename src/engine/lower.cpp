#include "engine/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/lowering.h"
#include "engine/product_names.h"

namespace hasten::engine {
namespace {

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
    case IndexSource::k_token_id:
      return lower_limit(program.vocabulary_size, entries);
    case IndexSource::k_type_id:
      return lower_limit(program.type_count, entries);
    case IndexSource::k_position:
      return lower_limit(program.position_limit, entries - lookup.index_offset);
    case IndexSource::k_padded_position:
      return lower_limit(program.position_limit, entries - lookup.index_offset - 1);
  }
}

void set_limits(Program& program, const Attention& attention) {
  if (attention.distance_scores)
    lower_limit(program.position_limit, attention.distance_scores->limit);
  if (attention.rotation) lower_limit(program.position_limit, attention.rotation->cosines.dims[0]);
}

void set_limits(Program& program) {
  program.type_count = 0;
  for (const Instruction& instruction : program.instructions) {
    const bool per_token = program.buffer(write_of(instruction)).rows == Rows::k_tokens;
    (per_token ? program.flops_per_token : program.flops_per_sequence) += flops_of(instruction);
    if (const auto* attention = std::get_if<Attention>(&instruction))
      set_limits(program, *attention);
    const auto* embed = std::get_if<Embed>(&instruction);
    if (embed == nullptr) continue;
    for (const Lookup& lookup : embed->lookups) set_limits(program, lookup);
  }
  if (program.type_count == 0) program.type_count = 1;
}

Obstacle describe(const graph::Node& node, const std::string& expected) {
  return {fmt::format("node {} ({}{}{}): expected {}",
                      node.name.empty() ? "without a name" : node.name, node.domain,
                      node.domain.empty() ? "" : ".", node.op_type, expected)};
}

// Whether a node's results are asked for their shapes alone.
bool is_only_measured(const graph::Graph& graph, const graph::Node& node) {
  return std::all_of(node.outputs.begin(), node.outputs.end(), [&](graph::ValueId output) {
    if (output == graph::k_no_value) return true;
    const auto& readers = graph.consumers(output);
    return !graph.is_output(output) &&
           std::all_of(readers.begin(), readers.end(),
                       [&](graph::NodeId id) { return graph.node(id).is("Shape"); });
  });
}

}  // namespace

std::variant<Program, Obstacle> lower(const graph::Graph& graph) {
  Lowering lowering(graph);
  bind_inputs(lowering);
  for (const graph::NodeId id : graph.order()) {
    const graph::Node& node = graph.node(id);
    const Source source = lowering.sources().of(node);
    if (source == Source::k_constants || is_only_measured(graph, node)) continue;
    try {
      lower_node(lowering, node);
    } catch (const NotLowered& stop) {
      if (source == Source::k_inputs) return describe(node, stop.expected);
    }
  }
  if (graph.outputs().size() != 1) return Obstacle{"the graph: expected one output, the logits"};
  BufferId logits = k_no_buffer;
  try {
    logits = lowering.buffer_of(graph.outputs()[0]);
  } catch (const NotLowered&) {
  }
  if (logits == k_no_buffer || lowering.rows(logits) != Rows::k_sequences) {
    return Obstacle{"the graph's output: expected one row of logits per text"};
  }
  Program program = std::move(lowering.program());
  program.logits = logits;
  program.class_count = program.buffer(logits).width;
  set_limits(program);
  name_products(program);
  return program;
}

}  // namespace hasten::engine
