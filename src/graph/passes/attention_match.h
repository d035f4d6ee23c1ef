// Attention that was recognised, in whatever form, and how it becomes com.microsoft.Attention.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/passes/attention_mask.h"
#include "graph/passes/attention_projection.h"
#include "graph/passes/match.h"
#include "graph/passes/pack_projections.h"

namespace hasten::graph {

struct AttentionMatch {
  Projection query, key, value;
  std::optional<MaskSource> mask;
  double scale = 1;
  // The activations' type where a text whose tokens are all masked has zeros as its result.
  std::optional<DType> zeroes_empty_rows;
  NodeId last = k_no_node;  // gives the merged heads: [batch, sequence, width]
};

// The one node that reads a node's result; those that ask for its shape alone do not count. Throws
// Mismatch when there are several.
NodeId expect_only_consumer(const Graph& graph, NodeId id);

// Goes forward from the product with the values, [batch, heads, sequence, head size], until heads
// are merged; throws Mismatch.
NodeId find_merge(const Graph& graph, const ProbeShapes& shapes, NodeId context,
                  const Projection& value);

// Throws Mismatch, at `scores`, unless one operator can compute the three projections.
void expect_packable(const Graph& graph, const AttentionMatch& match, NodeId scores);

// Puts the operator in the place of `match.last`; what only the match read is gone.
void replace_by_attention(Graph& graph, const AttentionMatch& match, ProjectionPacker& packer);

// Whether the node still computes its first output.
bool is_live(const Graph& graph, NodeId id);

// Whether it is ONNX Runtime's product of the last two axes, the left operand as it is.
bool is_fused_product(const Node& node);

// Whether the node is attention in one operator of ONNX Runtime's already.
bool is_fused_attention(const Node& node);

// Whether it is a softmax, of quantised scores perhaps.
bool is_softmax(const Node& node);

// Whether what a softmax gives goes into a product, through whatever operators keep it apart for each
// value: one that ends the graph, or a pooling that adds values up, is no layer.
bool weighs_values(const Graph& graph, NodeId softmax);

// Calls `match_at` for each live node of the graph, which gives nothing for nodes that are no
// attention and throws Mismatch for those that stop matching, and `replace` for what it finds. Layers
// are counted from 1 in the order in which they run, so that those left alone can be named.
template <typename Match, typename MatchAt, typename Replace>
PassOutcome fuse_all(Graph& graph, const MatchAt& match_at, const Replace& replace) {
  PassOutcome outcome;
  const std::vector<NodeId> order = graph.order();
  int layer = 0;
  for (const NodeId id : order) {
    if (!is_live(graph, id)) continue;
    const bool is_fused = is_fused_attention(graph.node(id));
    layer += is_fused ? 1 : 0;
    try {
      const std::optional<Match> match = match_at(id);
      if (!match) continue;
      layer += is_fused ? 0 : 1;
      replace(*match);
      ++outcome.rewrites;
    } catch (const Mismatch& mismatch) {
      if (is_fused) continue;  // into another operator than the pass makes
      ++layer;
      outcome.unmatched.push_back("layer " + std::to_string(layer) + ": " +
                                  describe(graph, mismatch));
    }
  }
  return outcome;
}

// The same for attention that becomes com.microsoft.Attention.
template <typename MatchAt>
PassOutcome fuse_all(Graph& graph, const MatchAt& match_at) {
  ProjectionPacker packer(graph);
  return fuse_all<AttentionMatch>(graph, match_at, [&](const AttentionMatch& match) {
    replace_by_attention(graph, match, packer);
  });
}

}  // namespace hasten::graph
