// Graph <-> readable text: what `inspect --graph` prints and what the tests of passes are written in.
#pragma once

#include <string>
#include <string_view>

#include "graph/graph.h"

namespace hasten::graph {

// One node a line:
//   input input_ids int64[batch_size, sequence_length]
//   const w float32[2, 2] = 1 2 3 4          (up to 8 elements are written out; beyond: "= ...")
//   y float32[batch_size, 2] = MatMul(x, w)
//   z = com.microsoft.FastGelu(y, _) {approximate="tanh", axis=-1}      (_: input left out)
//   output z
std::string dump(const Graph& graph);

// Reads that form back ("= ..." constants become deterministic small pseudo-random values, so that
// tests need not spell out weights). Throws k_malformed with the line number.
Graph parse_text(std::string_view text);

}  // namespace hasten::graph
