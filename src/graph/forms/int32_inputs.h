// Integer inputs in 32 bits.
#pragma once

#include <cstddef>

#include "graph/graph.h"

namespace hasten::graph {

// Every int64 input of the graph becomes int32; readers that cast it to int32 read it as it is, others
// read it cast to int64. Returns how many inputs changed.
std::size_t use_int32_inputs(Graph& graph);

}  // namespace hasten::graph
