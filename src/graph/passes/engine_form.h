// The form in which the engine reads a graph.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// All passes but k_fuse_rotary_embedding and k_fuse_biased_attention, and around them what only the
// engine's own reading allows: products that a quantiser split, or stored in blocks of small integers,
// are restored (restore_products.h, restore_qlinear.h), sums of embeddings are found anew (split_embedding_operators.h),
// attention operators that no pass could pack are split (split_attention_operators.h), token inputs
// get their usual names (name_token_inputs.h), and since no text is padded there, masks stand for
// prefixes of ones, whatever form attention takes them in.
void to_engine_form(Graph& graph);

}  // namespace hasten::graph
