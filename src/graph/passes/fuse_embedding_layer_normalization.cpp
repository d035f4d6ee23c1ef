//   w = Gather(words, input_ids)
//   t = Gather(types, token_type_ids)
//   p = Gather(positions, position_ids)
//   y = LayerNormalization(Add(Add(w, t), p), gamma, beta)
//     ==>   y = com.microsoft.EmbedLayerNormalization(input_ids, token_type_ids, words, positions,
//                                                     types, gamma, beta, _, position_ids)
//
// Positions that count 0, 1, 2, ... are left out, which the operator takes for the same; a constant
// summand (a token type that all tokens have) moves into the table of positions. Exports for texts of one
// length have rows that are looked up already: those of positions are a table that is counted through.
#include "base/onnx_dtype.h"
#include "graph/passes/attention_projection.h"
#include "graph/passes/cast_to_int32.h"
#include "graph/passes/embedding_sum.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

// Rows that stand where a table is looked up, as one.
ValueId as_table(Graph& graph, ValueId table) {
  if (!is_rows(graph, table) || graph.value(table).constant->dims.size() == 2) return table;
  Tensor rows = *graph.value(table).constant;
  rows.dims = {*(rows.dims.end() - 2), rows.dims.back()};
  return graph.add_constant(graph.value(table).name + ".table", std::move(rows));
}

// What all rows are, where they stand for a vector.
ValueId as_row(Graph& graph, ValueId vector) {
  if (!is_rows(graph, vector)) return vector;
  Tensor row = *graph.value(vector).constant;
  row.bytes = first_row(row);
  row.dims = {row.dims.back()};
  return graph.add_constant(graph.value(vector).name + ".row", std::move(row));
}

// The table as the sum needs it: a Cast of it in float32 when its rows were cast.
ValueId table_of(Graph& graph, const Lookup& lookup) {
  if (!lookup.widened || !graph.is_constant(lookup.table)) return lookup.table;
  return graph.add_op("Cast", {lookup.table}, {{"to", onnx_code_of(DType::k_float32)}},
                      graph.value(lookup.table).name + ".float32");
}

// The table with a vector added to every row.
ValueId shifted(Graph& graph, const Lookup& lookup, ValueId vector) {
  const Value& value = graph.value(stored_constant(graph, lookup.table));
  std::vector<double> rows = to_float64(*value.constant);
  const std::vector<double> shift = to_float64(*graph.value(vector).constant);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] += shift[i % shift.size()];
  const DType dtype = graph.value(vector).constant->dtype;
  return graph.add_constant(value.name + ".shifted",
                            make_floating(dtype, value.constant->dims, rows));
}

void fuse(Graph& graph, NodeId id, EmbeddingSum match) {
  const Node& normalization = graph.node(id);
  match.positions.table = as_table(graph, match.positions.table);
  if (match.vector != k_no_value) match.vector = as_row(graph, match.vector);
  const ValueId positions = match.vector == k_no_value
                                ? table_of(graph, match.positions)
                                : shifted(graph, match.positions, match.vector);
  const std::size_t gamma = adds_first(normalization) ? 2 : 1;
  const auto ids = [&](const Lookup& lookup) { return cast_to_int32(graph, lookup.indices); };
  std::vector<ValueId> inputs = {ids(match.words),
                                 match.types ? ids(*match.types) : k_no_value,
                                 table_of(graph, match.words),
                                 positions,
                                 match.types ? table_of(graph, *match.types) : k_no_value,
                                 normalization.inputs[gamma],
                                 normalization.inputs[gamma + 1]};
  if (!match.counted) {
    inputs.push_back(k_no_value);
    inputs.push_back(ids(match.positions));
  }
  const float epsilon = normalization.number("epsilon", 1e-5F);
  const std::string name = graph.value(normalization.outputs[0]).name;
  // ONNX Runtime wants the operator's second output even when nobody reads it.
  const ValueId mask_index = graph.add_value(name + ".mask_index", DType::k_int32);
  const ValueId output = normalization.outputs[0];
  graph.remove_node(id);
  graph.add_node({name,
                  "EmbedLayerNormalization",
                  std::string(k_microsoft_domain),
                  std::move(inputs),
                  {output, mask_index},
                  {{"epsilon", epsilon}}});
}

}  // namespace

PassOutcome fuse_embedding_layer_normalization(Graph& graph) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    const bool normalizes = node.is("LayerNormalization") || adds_first(node);
    if (!normalizes || !has_input(node, adds_first(node) ? 3 : 2) || has_input(node, 4)) continue;
    if (node.outputs.size() > 1) continue;
    if (const auto match = find_embedding_sum(graph, node)) {
      fuse(graph, id, *match);
      ++outcome.rewrites;
    }
  }
  return outcome;
}

}  // namespace hasten::graph
