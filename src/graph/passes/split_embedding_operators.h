// ONNX Runtime's embedding operator where it was given positions.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

//   y = com.microsoft.EmbedLayerNormalization(ids, types, words, positions, type_table, gamma, beta, _, position_ids)
//     ==>   y = LayerNormalization(Gather(words, ids) + Gather(positions, position_ids) + Gather(type_table, types))
//
//   y = com.microsoft.SkipLayerNormalization(Gather(words, ids), Gather(type_table, types), gamma, beta)
//     ==>   y = LayerNormalization(Gather(words, ids) + Gather(type_table, types), gamma, beta)
//
// Optimisers take for positions what looks up any table: passes find out again which is which.
void split_embedding_operators(Graph& graph);

}  // namespace hasten::graph
