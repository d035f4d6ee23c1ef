// Graph <-> readable text: what `inspect --graph` prints and what the tests of passes are written
// in.
#pragma once

#include <string>
#include <string_view>

#include "graph/graph.h"

namespace hasten::graph {

// One statement a line:
//   opset 17                                 (of a domain: "opset com.microsoft 1")
//   input input_ids int64[batch_size, sequence_length]
//   const w float32[2, 2] = 1.0 2.0 3.0 4.0  (up to 8 elements are written out; beyond: "= ...")
//   y float32[batch_size, 2] = MatMul(x, w)
//   mean, _ = com.microsoft.Some(y, _) {approximate="tanh", axis=-1}   (_: left out)
//   z = If(y) {then_branch=graph{w = Exp(x); output w}}
//   output z
// A dimension of which nothing is known is "?". Names of other characters than letters, digits and
// "_./:-" are quoted as in JSON. Lists: [1, 2], [1.0, 2.0], ["a"]; empty ones that are not of
// integers: floats[], texts[]. A tensor: tensor(float32[2] = 1.0 2.0).
std::string dump(const Graph& graph);

// Reads that form back; "#" starts a comment, and lines may be broken inside brackets. Without
// statements of their own, the main opset is 17 and other domains that occur have version 1.
// Constants of "= ..." become small pseudo-random values that depend on the name alone, so that
// tests need not spell out weights. Throws k_malformed with the line number.
Graph parse_text(std::string_view text);

}  // namespace hasten::graph
