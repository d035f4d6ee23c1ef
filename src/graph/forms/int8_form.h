// A graph with its weights in int8.
#pragma once

#include <cstddef>

#include "graph/graph.h"

namespace hasten::graph {

struct Int8Options {
  bool embeddings = false;  // tables that ids look up in, too
};

struct Int8Report {
  std::size_t matrices = 0;
  std::size_t tables = 0;
  std::size_t bytes_before = 0;  // of what was quantised
  std::size_t bytes_after = 0;   // scales included
};

// Stores the constant right operands of MatMul, Gemm and com.microsoft.Attention as int8 behind
// DequantizeLinear: symmetric, one scale for each output column, the greatest size of the column
// meaning 127. Embedding tables, if asked for, get a scale for each row. Activations stay as they are:
// any runtime computes with the rounded weights, and Hasten's engine multiplies in int8. Matrices of
// fewer than 1,024 elements are left alone, and so are convolutions.
//
// Raises the graph to opset 13 (raise_opset.h), from which DequantizeLinear takes a scale per column.
// Throws k_unsupported when that cannot be done.
Int8Report to_int8(Graph& graph, const Int8Options& options);

}  // namespace hasten::graph
