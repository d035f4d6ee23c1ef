// Other forms of com.microsoft.Attention.
#pragma once

#include <cstddef>

#include "graph/graph.h"

namespace hasten::graph {

// Takes the mask away from every com.microsoft.Attention: right only for texts without padding. The
// graph keeps its input. Returns how many had one.
std::size_t drop_attention_masks(Graph& graph);

// com.microsoft.Attention becomes three products and a MultiHeadAttention. Returns how many did; those
// with a past, an added bias or weights that are no constant stay.
std::size_t use_multi_head_attention(Graph& graph);

}  // namespace hasten::graph
