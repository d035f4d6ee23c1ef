#include "graph/fixed_sizes.h"

#include <algorithm>

namespace hasten::graph {

FixedSizes fixed_sizes(const Graph& graph) {
  constexpr std::size_t k_token_axes = 2;
  FixedSizes sizes;
  for (const ValueId id : graph.inputs()) {
    const auto& shape = graph.value(id).shape;
    if (!shape || shape->size() != k_token_axes) continue;
    sizes.batch = std::max(sizes.batch, (*shape)[0].size);
    sizes.length = std::max(sizes.length, (*shape)[1].size);
  }
  return sizes;
}

}  // namespace hasten::graph
