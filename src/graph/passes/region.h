// A part of a graph, cut out so that what it computes can be tried on numbers: the same function is
// recognised whatever operators an exporter wrote it with.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "graph/interpreter.h"

namespace hasten::graph {
class ShapeWalk;
}

namespace hasten::graph {

// The nodes between `inputs` and `output` as a graph of its own, whose inputs are named "0", "1",
// ... and whose output is named "result"; nothing when they are more than `limit` or depend on
// anything but `inputs` and constants. What `known` has worked out from shapes counts as constant.
std::optional<Graph> cut_out(const Graph& graph, std::span<const ValueId> inputs, ValueId output,
                             std::size_t limit, const ShapeWalk* known = nullptr);

// What a cut-out graph computes, in double precision or in another; nothing when the interpreter cannot run it.
// Integers are given as int64 and converted to the types that the inputs have, where these are
// known.
std::optional<Tensor> try_out(Graph region, const std::vector<Tensor>& inputs,
                              Precision precision = Precision::k_float64);

// Values that `value` is computed from by at most `depth` elementwise nodes or means, nearest
// first, `value` itself included.
std::vector<ValueId> rowwise_ancestors(const Graph& graph, ValueId value, int depth);

// Values that are computed from `value` by at most `depth` such nodes, nearest first.
std::vector<ValueId> rowwise_descendants(const Graph& graph, ValueId value, int depth);

}  // namespace hasten::graph
