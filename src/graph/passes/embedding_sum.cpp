#include "graph/passes/embedding_sum.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "graph/passes/attention_projection.h"
#include "graph/passes/match.h"
#include "graph/passes/token_positions.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_most_lookups = 3;
constexpr int k_most_steps = 8;  // nested sums or casts

// What a sum is made of.
struct Summands {
  std::vector<Lookup> lookups;
  ValueId vector = k_no_value;  // a constant that is added to every token
  std::vector<ValueId> rows;    // constants with a row for each token
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

bool collect_summands(const Graph& graph, const Node& normalization, Summands& sum) {
  if (!collect_summands(graph, normalization.inputs[0], sum)) return false;
  return !adds_first(normalization) || collect_summands(graph, normalization.inputs[1], sum);
}

}  // namespace

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

bool adds_first(const Node& normalization) {
  return normalization.is("SkipLayerNormalization", k_microsoft_domain);
}

std::optional<EmbeddingSum> find_embedding_sum(const Graph& graph, const Node& normalization) {
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
  if (!positions || by_input.empty() || by_input.size() > 2) return std::nullopt;
  EmbeddingSum match{by_input[0], *positions, {}, sum.vector, counted};
  if (by_input.size() == 2) match.types = by_input[1];
  const auto name_of_input = [&](const Lookup& lookup) {
    return graph.value(behind_cast(graph, lookup.indices)).name;
  };
  if (match.types && name_of_input(*match.types) == "input_ids")
    std::swap(*match.types, match.words);
  return match;
}

}  // namespace hasten::graph
