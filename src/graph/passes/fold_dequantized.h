// Stored integers that are not kept as such.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// Turns DequantizeLinear of constants into floating constants, also behind a lookup of rows, except
// int8 matrices of scales that are one per column or one for all, with no zero point, which
// products read as they are. Returns how many it turned.
std::size_t fold_dequantized(Graph& graph);

}  // namespace hasten::graph
