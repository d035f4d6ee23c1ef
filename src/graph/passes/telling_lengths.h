// Texts that are long enough to show what a small batch does not: a window of 64 tokens lets all of five be seen.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace hasten::graph {

// Lengths just past the numbers that `value` is computed from, those above `tried` alone, in increasing
// order: at these a mask may begin to hide other keys from one query than from the next. Empty for
// values without such numbers. Numbers beyond 2,048 are taken for other things than distances.
std::vector<std::int64_t> telling_lengths(const Graph& graph, ValueId value, std::int64_t tried);

}  // namespace hasten::graph
