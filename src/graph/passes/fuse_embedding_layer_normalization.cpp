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
#include <algorithm>
#include <optional>
#include <span>

#include "base/onnx_dtype.h"
#include "graph/passes/attention_projection.h"
#include "graph/passes/cast_to_int32.h"
#include "graph/passes/floating_constant.h"
#include "graph/passes/match.h"
#include "graph/passes/passes.h"
#include "graph/passes/token_positions.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_lookups = 3;
constexpr int k_most_steps = 8;  // nested sums or casts

struct Lookup {
  ValueId table, indices;
  bool widened = false;  // rows are cast after they are looked up
};

// What a sum is made of.
struct Summands {
  std::vector<Lookup> lookups;
  ValueId vector = k_no_value;  // a constant that is added to every token
  std::vector<ValueId> rows;    // constants with a row for each token
};

struct Match {
  Lookup words, positions;
  std::optional<Lookup> types;
  ValueId vector = k_no_value;
  bool counted = false;  // positions are 0, 1, 2, ...
};

std::optional<Lookup> read_lookup(const Graph& graph, ValueId value) {
  const Node* node = find_producer(graph, value);
  const bool widened = node != nullptr && node->is("Cast");
  if (widened) node = find_producer(graph, node->inputs[0]);
  if (node == nullptr || !node->is("Gather") || node->integer("axis", 0) != 0) return std::nullopt;
  const ValueId table = stored_constant(graph, node->inputs[0]);
  if (table == k_no_value || graph.value(table).constant->dims.size() != 2) return std::nullopt;
  return Lookup{node->inputs[0], node->inputs[1], widened};
}

// Whether a constant is [.., tokens, width] with nothing but ones in front.
bool is_rows(const Graph& graph, ValueId value) {
  if (!graph.is_constant(value)) return false;
  const Tensor& tensor = *graph.value(value).constant;
  const Dims& dims = tensor.dims;
  return is_floating(tensor.dtype) && dims.size() >= 2 && *(dims.end() - 2) > 1 &&
         tensor.size() == *(dims.end() - 2) * dims.back();
}

std::span<const std::byte> first_row(const Tensor& rows) {
  return rows.bytes.first(rows.bytes.size() / static_cast<std::size_t>(*(rows.dims.end() - 2)));
}

bool rows_are_equal(const Tensor& rows) {
  const auto first = first_row(rows);
  for (auto rest = rows.bytes; !rest.empty(); rest = rest.subspan(first.size())) {
    if (!std::equal(first.begin(), first.end(), rest.begin())) return false;
  }
  return true;
}

// Takes a value for a sum of lookups and at most one constant; false when it is of other things
// too.
bool collect_summands(const Graph& graph, ValueId value, Summands& sum, int steps = k_most_steps) {
  if (const auto lookup = read_lookup(graph, value)) {
    sum.lookups.push_back(*lookup);
    return sum.lookups.size() <= k_most_lookups;
  }
  if (constant_vector(graph, value) != nullptr && sum.vector == k_no_value) {
    sum.vector = value;
    return true;
  }
  if (is_rows(graph, value)) {
    sum.rows.push_back(value);
    return true;
  }
  const Node* node = find_producer(graph, value);
  if (node == nullptr || !node->is("Add") || steps == 0) return false;
  return collect_summands(graph, node->inputs[0], sum, steps - 1) &&
         collect_summands(graph, node->inputs[1], sum, steps - 1);
}

// The graph's input behind a Cast, or k_no_value.
ValueId behind_cast(const Graph& graph, ValueId value) {
  for (int step = 0; step < k_most_steps; ++step) {
    const Node* node = find_producer(graph, value);
    if (node == nullptr) return graph.is_constant(value) ? k_no_value : value;
    if (!node->is("Cast")) break;
    value = node->inputs[0];
  }
  return k_no_value;
}

// SkipLayerNormalization, as ONNX Runtime makes it of the last sum too, adds its first two inputs.
bool adds_first(const Node& normalization) {
  return normalization.is("SkipLayerNormalization", k_microsoft_domain);
}

bool collect_summands(const Graph& graph, const Node& normalization, Summands& sum) {
  if (!collect_summands(graph, normalization.inputs[0], sum)) return false;
  return !adds_first(normalization) || collect_summands(graph, normalization.inputs[1], sum);
}

std::optional<Match> find_match(const Graph& graph, const Node& normalization) {
  Summands sum;
  if (!collect_summands(graph, normalization, sum)) return std::nullopt;
  std::vector<Lookup> by_input;
  std::optional<Lookup> positions;
  for (const Lookup& lookup : sum.lookups) {
    if (behind_cast(graph, lookup.indices) != k_no_value) {
      by_input.push_back(lookup);
    } else if (positions) {
      return std::nullopt;
    } else {
      positions = lookup;
    }
  }
  bool counted = positions && find_token_positions(graph, positions->indices) == TokenPositions{};
  for (const ValueId rows : sum.rows) {
    const bool same = rows_are_equal(*graph.value(rows).constant);
    if (same ? sum.vector != k_no_value : positions.has_value()) return std::nullopt;
    if (same) {
      sum.vector = rows;
    } else {
      positions = Lookup{rows, k_no_value};
      counted = true;
    }
  }
  if (!positions || by_input.empty()) return std::nullopt;
  Match match{by_input[0], *positions, {}, sum.vector, counted};
  if (by_input.size() == 2) match.types = by_input[1];
  const auto name_of_input = [&](const Lookup& lookup) {
    return graph.value(behind_cast(graph, lookup.indices)).name;
  };
  if (match.types && name_of_input(*match.types) == "input_ids")
    std::swap(*match.types, match.words);
  return match;
}

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

void fuse(Graph& graph, NodeId id, Match match) {
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
    if (const auto match = find_match(graph, node)) {
      fuse(graph, id, *match);
      ++outcome.rewrites;
    }
  }
  return outcome;
}

}  // namespace hasten::graph
