// Graph -> Program.
#pragma once

#include <string>
#include <variant>

#include "engine/program.h"
#include "graph/graph.h"

namespace hasten::engine {

// Why a graph has no program: the first node that could not be expressed, and what was expected.
struct Obstacle {
  std::string reason;
};

// Expects a graph that the passes have been over. Its mask must be a graph input (a prefix of ones in
// each row, which ragged batches imply): nothing else is computed from it. Weights are shared.
std::variant<Program, Obstacle> lower(const graph::Graph& graph);

}  // namespace hasten::engine
