// The sum of looked-up rows that a model begins with, recognised.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "graph/graph.h"

namespace hasten::graph {

// Rows of a table, by indices.
struct Lookup {
  ValueId table, indices;
  bool widened = false;  // rows are cast after they are looked up
};

// `positions` may have no indices: its table is a constant with a row for each token, counted through.
struct EmbeddingSum {
  Lookup words, positions;
  std::optional<Lookup> types;
  ValueId vector =
      k_no_value;        // a constant that is added to every token, or rows that are all the same
  bool counted = false;  // positions are 0, 1, 2, ...
};

// SkipLayerNormalization, as ONNX Runtime makes it of the last sum too, adds its first two inputs.
bool adds_first(const Node& normalization);

// What a node normalises, when it is such a sum.
std::optional<EmbeddingSum> find_embedding_sum(const Graph& graph, const Node& normalization);

// Whether a constant is [.., tokens, width] with nothing but ones in front.
bool is_rows(const Graph& graph, ValueId value);

// Of such a constant.
std::span<const std::byte> first_row(const Tensor& rows);

}  // namespace hasten::graph
