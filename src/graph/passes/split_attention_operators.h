// ONNX Runtime's attention operators as the standard operators that they stand for.
#pragma once

#include <cstddef>

#include "graph/graph.h"

namespace hasten::graph {

// Splits each com.microsoft.MultiHeadAttention and RotaryEmbedding, for a reader that lowers what
// they are made of. Those with past keys, packed operands, masks other than [batch, keys] and
// interleaved or partial rotations stay. Returns how many were split.
std::size_t split_attention_operators(Graph& graph);

}  // namespace hasten::graph
