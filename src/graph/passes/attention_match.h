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

// Whether the node is attention in one operator of ONNX Runtime's already.
bool is_fused_attention(const Node& node);

// Calls `match_at` for each live node of the graph, which gives nothing for nodes that are no
// attention and throws Mismatch for those that stop matching, and fuses what it finds. Layers are
// counted from 1 in the order in which they run, so that those left alone can be named.
template <typename MatchAt>
PassOutcome fuse_all(Graph& graph, const MatchAt& match_at) {
  PassOutcome outcome;
  ProjectionPacker packer(graph);
  const std::vector<NodeId> order = graph.order();
  int layer = 0;
  for (const NodeId id : order) {
    if (!is_live(graph, id)) continue;
    layer += is_fused_attention(graph.node(id)) ? 1 : 0;
    try {
      const std::optional<AttentionMatch> match = match_at(id);
      if (!match) continue;
      ++layer;
      replace_by_attention(graph, *match, packer);
      ++outcome.rewrites;
    } catch (const Mismatch& mismatch) {
      ++layer;
      outcome.unmatched.push_back("layer " + std::to_string(layer) + ": " + describe(graph, mismatch));
    }
  }
  return outcome;
}

}  // namespace hasten::graph
