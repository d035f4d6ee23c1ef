// Lengths of texts at which the passes are tried beside short ones.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace hasten::api {

// Lengths above `tried` that reach past what the graph compares or clamps positions with (windows of
// attention, buckets of distances), longest first: there two tokens are further apart than that. Only
// those that the model takes, and that the interpreter computes in seconds. Empty where nothing
// depends on distances, or the graph takes texts of one length alone.
std::vector<std::int64_t> check_lengths(const graph::Graph& graph, std::int64_t tried);

}  // namespace hasten::api
