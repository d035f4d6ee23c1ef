// Ids and masks as com.microsoft's operators take them.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// The value as int32, one Cast for all who ask; the value itself when it is int32 already.
ValueId cast_to_int32(Graph& graph, ValueId value);

}  // namespace hasten::graph
