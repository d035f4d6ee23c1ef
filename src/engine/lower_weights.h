// Reading constants of a graph as weights, through the operators that wrap stored forms of them.
#pragma once

#include <optional>

#include "engine/program.h"
#include "graph/graph.h"

namespace hasten::engine {

// A rank-2 constant as the right operand of a product: stored as it is, behind a Cast from a half
// type, behind a Transpose, or int8 behind DequantizeLinear with one scale per output column.
// Nothing when the value is none of these.
std::optional<Weight> find_weight(const graph::Graph& graph, graph::ValueId value);

// A floating constant (perhaps behind a Cast) with its elements in float32; shape kept.
std::optional<Tensor> find_vector(const graph::Graph& graph, graph::ValueId value);

// A floating table of any floating type, perhaps behind a Cast: rank 2.
std::optional<Tensor> find_table(const graph::Graph& graph, graph::ValueId value);

// The only element of an integer constant.
std::optional<std::int64_t> find_integer(const graph::Graph& graph, graph::ValueId value);

}  // namespace hasten::engine
