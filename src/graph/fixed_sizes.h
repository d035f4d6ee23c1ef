// Sizes that an export fixed: texts of one length, or so many at a time.
#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace hasten::graph {

struct FixedSizes {
  std::int64_t batch = 0;   // 0: any
  std::int64_t length = 0;  // 0: any
  bool operator==(const FixedSizes&) const = default;
};

// The sizes to which inputs of two axes are declared, [batch, length].
FixedSizes fixed_sizes(const Graph& graph);

}  // namespace hasten::graph
