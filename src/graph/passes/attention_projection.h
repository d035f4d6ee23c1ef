// Where query, key and value come from.
#pragma once

#include "graph/graph.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {

// x W + b of one kind: the heads of the query, the key or the value side by side.
struct Projection {
  ValueId input;              // [batch, sequence, width]
  ValueId weight;             // constant [width, heads * head_size], or what widens one
  ValueId bias = k_no_value;  // constant [heads * head_size]
  std::int64_t heads = 0;
  std::int64_t head_size = 0;
  double scale = 1;  // what it is multiplied by on the way
};

enum class HeadLayout {
  k_rows,
  k_columns
};  // [.., sequence, head_size] or [.., head_size, sequence]

// Goes back from an operand of the product `reader` to its projection; throws Mismatch where that
// ends. An operand whose heads are not split, as some operators take it, has `unsplit_heads`.
Projection trace_projection(const Graph& graph, const ProbeShapes& shapes, ValueId operand,
                            NodeId reader, HeadLayout layout, std::int64_t unsplit_heads = 0);

// The constant behind a Cast or DequantizeLinear, or the value itself; k_no_value when it is no
// constant.
ValueId stored_constant(const Graph& graph, ValueId value);

}  // namespace hasten::graph
