// Queries from which a mask hides every key. ONNX's Attention gives zeros for them, where others
// weigh the keys in some way: what is kept or zeroed by row makes one of the other.
#pragma once

#include "graph/graph.h"

namespace hasten::graph {

// Whether a query sees any key: booleans that broadcast to [batch, queries, 1], of booleans `kept`
// that broadcast to [batch, 1, queries, keys] and are of rank `rank`, at most 4.
ValueId rows_that_see(Graph& graph, ValueId kept, std::size_t rank);

// The same of scores, a key being seen where one is above `limit`; they are [batch, heads, queries, keys].
ValueId rows_above(Graph& graph, ValueId scores, double limit);

// The same of a mask [batch, keys].
ValueId texts_that_see(Graph& graph, ValueId mask);

// Where(seen, value, 0), `value` being [batch, queries, width].
ValueId zeroed_unless(Graph& graph, ValueId seen, ValueId value, DType dtype);

// The same of what `node` computes, which is added, as a node in its place.
Node zeroed_unless(Graph& graph, ValueId seen, Node node, DType dtype);

// y = Where(seen, x, 0)   ==>   y = x
//
// where the graph's inputs are tokens and masks alone and every token of batches whose masks are
// ones and then zeros is `seen`. Returns how many.
std::size_t drop_zeroing_of_empty_rows(Graph& graph);

}  // namespace hasten::graph
