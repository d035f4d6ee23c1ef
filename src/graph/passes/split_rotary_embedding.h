// ONNX Runtime's RotaryEmbedding, as the operators that it is made of.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// Operators of forms that the engine has no kernels for stay. Returns how many were replaced.
std::size_t split_rotary_embeddings(Graph& graph);

}  // namespace hasten::graph
