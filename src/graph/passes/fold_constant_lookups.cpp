//   i = Expand(0, shape of input_ids)
//   t = Gather(table, i)
//   y = Add(x, t)                            ==>   y = Add(x, row 0 of table)
//
// Exporters that were given no token types look up the same type for every token. The indices are
// tried on batches of two sizes; x must have the shape of t, so that the sum keeps its own.
#include <set>

#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/region.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_nodes = 40;

struct TrialSize {
  std::int64_t texts, length;
};
constexpr TrialSize k_trials[] = {{2, 5}, {3, 4}};

// What the indices are on one batch whose inputs all hold `element`; nothing when they differ.
std::optional<std::int64_t> try_indices(const Graph& region, TrialSize size, std::int64_t element) {
  const auto count = static_cast<std::size_t>(size.texts * size.length);
  const Tensor input = make_tensor<std::int64_t>({size.texts, size.length},
                                                 std::vector<std::int64_t>(count, element));
  const auto result = try_out(region, std::vector<Tensor>(region.inputs().size(), input));
  if (!result || is_floating(result->dtype) || result->size() == 0) return std::nullopt;
  const std::vector<std::int64_t> indices = to_int64(*result);
  const std::set<std::int64_t> distinct(indices.begin(), indices.end());
  return distinct.size() == 1 ? std::optional(*distinct.begin()) : std::nullopt;
}

// The row that all tokens look up, whatever the ids and masks are.
std::optional<std::int64_t> constant_index(const Graph& graph, ValueId indices) {
  if (graph.is_constant(indices)) return std::nullopt;
  const auto region = cut_out(graph, graph.inputs(), indices, k_most_nodes);
  if (!region) return std::nullopt;
  std::optional<std::int64_t> found;
  for (const TrialSize& size : k_trials) {
    for (const std::int64_t element : {1, 0, 3}) {
      const auto index = try_indices(*region, size, element);
      if (!index || (found && *found != *index)) return std::nullopt;
      found = index;
    }
  }
  return found;
}

// Whether the value is only added to other lookups and sums of them, which have its shape.
bool is_only_summand(const Graph& graph, ValueId value) {
  if (graph.is_output(value) || graph.consumers(value).empty()) return false;
  for (const NodeId id : graph.consumers(value)) {
    const Node& reader = graph.node(id);
    if (!reader.is("Add")) return false;
    const Node* other = find_producer(graph, other_input(reader, value));
    const bool is_sum_of_lookups = other != nullptr && (other->is("Gather") || other->is("Add") ||
                                                        other->is("DequantizeLinear"));
    if (!is_sum_of_lookups) return false;
  }
  return true;
}

Tensor row_of(const Tensor& table, std::int64_t row) {
  const std::int64_t width = table.dims[1];
  const std::size_t size = static_cast<std::size_t>(width) * size_of(table.dtype);
  return {table.dtype,
          {width},
          table.bytes.subspan(static_cast<std::size_t>(row) * size, size),
          table.owner};
}

}  // namespace

PassOutcome fold_constant_lookups(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (!node.is("Gather") || node.integer("axis", 0) != 0 || !graph.is_constant(node.inputs[0]))
      continue;
    const Tensor table = *graph.value(node.inputs[0]).constant;
    if (table.dims.size() != 2 || !is_floating(table.dtype) ||
        !is_only_summand(graph, node.outputs[0]))
      continue;
    const auto row = constant_index(graph, node.inputs[1]);
    if (!row || *row < 0 || *row >= table.dims[0]) continue;
    const ValueId looked_up = node.outputs[0];
    const ValueId constant =
        graph.add_constant(graph.value(looked_up).name + ".row", row_of(table, *row));
    graph.remove_node(id);
    graph.replace_uses(looked_up, constant);
    ++outcome.rewrites;
  }
  return outcome;
}

}  // namespace hasten::graph
