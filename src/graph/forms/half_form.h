// A graph in 16-bit floating point.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

struct HalfReport {
  std::size_t nodes = 0;    // that compute in 16 bits
  std::size_t clamped = 0;  // elements of weights that were beyond the type's range
  std::vector<std::string>
      kept;  // nodes that would otherwise, and stay in float32 because what they
             // compute could exceed the range
};

// Stores the weights in `dtype` (k_float16 or k_bfloat16) and computes in it: products, attention,
// normalisations, activation functions, sums and lookups. Softmax outside of a fused attention, masks
// and all that is made of them, and what is not known here stay in float32, and so do nodes of which
// ValueBounds cannot prove that no value exceeds the range: no activation, however extreme, becomes
// infinite. Inputs and outputs of the graph keep their types. Run it after the passes. Throws
// k_unsupported for bfloat16 in opsets before 13, which lack it.
HalfReport to_half(Graph& graph, DType dtype);

}  // namespace hasten::graph
