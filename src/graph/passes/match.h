// What passes need to recognise a pattern: who computes a value, what a constant holds, and how to
// say where a match stopped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/passes/pass.h"

namespace hasten::graph {

// Thrown where a candidate stops matching; passes catch it for each candidate.
struct Mismatch {
  NodeId node;           // where the match stopped
  std::string expected;  // "a MatMul by a constant matrix"
};

// "node encoder.layer.0.softmax (Softmax): expected ...", for PassOutcome::unmatched.
std::string describe(const Graph& graph, const Mismatch& mismatch);

// The node that computes a value, or nullptr.
const Node* find_producer(const Graph& graph, ValueId value);

// The one node that reads a value, which is no output of the graph; k_no_node when there are
// several.
NodeId only_consumer(const Graph& graph, ValueId value);

// Whether the optional input is there.
bool has_input(const Node& node, std::size_t index);

// The input of a two-input node that is not `value`.
ValueId other_input(const Node& node, ValueId value);

// The single element of a floating constant, of any shape of size 1.
std::optional<double> constant_number(const Graph& graph, ValueId value);

// The elements of an integer constant.
std::optional<std::vector<std::int64_t>> constant_integers(const Graph& graph, ValueId value);

// The elements of a floating constant of `size` elements, all dimensions but the last one being 1;
// of any size when `size` is 0.
const Tensor* constant_vector(const Graph& graph, ValueId value, std::int64_t size = 0);

// Input `index` as it is named, the attribute in older opsets: axes, split and the like.
std::optional<std::vector<std::int64_t>> integers_of(const Graph& graph, const Node& node,
                                                     std::string_view attribute, std::size_t index);

// A new vector [size] out of a constant, reused when it has that form already.
ValueId as_vector(Graph& graph, ValueId constant);

// `size` elements of a constant vector, from `begin` on, as a new constant over the same bytes.
ValueId part_of_vector(Graph& graph, ValueId vector, std::int64_t begin, std::int64_t size);

// Puts a node in the place of another, whose outputs it computes from then on; the order of nodes
// is to be restored with sort().
void replace_node(Graph& graph, NodeId old, Node replacement);

}  // namespace hasten::graph
