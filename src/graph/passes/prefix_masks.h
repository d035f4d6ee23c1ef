// Masks of attention for batches in which every mask is ones and then zeros.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// A batch of a few texts, [texts, length], and its mask.
Dims prefix_batch_dims();
std::vector<std::int64_t> prefix_mask();

// Gives com.microsoft.Attention the graph's own mask where it has lengths, or anything else made of
// that mask which means the same for such batches. Masks of other kinds stay.
void read_masks_as_prefixes(Graph& graph);

}  // namespace hasten::graph
