// What an attention mask is made of, found by trying it on masks.
#pragma once

#include <optional>

#include "graph/graph.h"
#include "graph/passes/probe_shapes.h"

namespace hasten::graph {

// A value that tells tokens that are attended to from those that are not, the same for all queries
// and heads. Booleans are 0 and 1.
struct MaskValues {
  ValueId input;   // the graph's input: [batch_size, sequence_length], 1: attended to, 0: not
  double kept;     // the value where it is 1
  double dropped;  // the value where it is 0
};

// Nothing for any other value (causal masks, windows of any size, position biases).
std::optional<MaskValues> find_mask(const Graph& graph, const ProbeShapes& shapes, ValueId value);

// What scores have to be lowered by at least for nothing of a token to be left: e^-100 of its weight.
inline constexpr double k_weakest_filter = -100;

// What scores have to be lowered by at least to be lost beside it in rounding, in float32 and in
// double.
inline constexpr double k_absorbing_filter = -1e30;

struct MaskSource {
  ValueId input;
  double filter_value;  // what the scores of tokens that are not attended to are lowered by
};

// What has to be added to scores that a file replaces by `filter`, all of them alike: a query that
// attends to nothing then weighs all keys alike, as there, or has no weights at all.
double filter_that_replaces(double filter);

// The lowest float32 at most, which no operator's attribute goes below, or minus infinity.
float filter_attribute(double filter);

// The mask of a sum with one other operand, or of a Where that chooses between the scores and a
// number; `scores` becomes that operand. Nothing when the node masks nothing.
std::optional<MaskSource> read_masking(const Graph& graph, const ProbeShapes& shapes,
                                       const Node& node, ValueId& scores);

}  // namespace hasten::graph
