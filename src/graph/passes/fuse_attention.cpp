//   q = heads(x Wq + bq)
//   k = heads(x Wk + bk)
//   v = heads(x Wv + bv)
//   s = Add(MatMul(q, k^T) * scale, mask)
//   c = MatMul(Softmax(s), v)
//   y = merge(c)                 ==>   y = com.microsoft.Attention(x, Wqkv, bqkv, attention_mask)
//
// `heads` splits [batch, sequence, width] to [batch, heads, sequence, head_size], `merge` undoes
// it, in whatever Reshape and Transpose nodes; the mask is what find_mask_source() recognises.
#include "graph/passes/attention_match.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

class Matcher {
 public:
  explicit Matcher(const Graph& graph) : graph_(graph), shapes_(graph) {}

  // Throws Mismatch.
  AttentionMatch match(NodeId softmax) const {
    AttentionMatch found;
    const NodeId context = expect_only_consumer(graph_, softmax);
    const Node& product = graph_.node(context);
    const bool plain =
        product.is("MatMul") || (is_fused_product(product) && product.integer("transB", 0) == 0 &&
                                 product.number("alpha", 1) == 1);
    if (!plain || product.inputs[0] != graph_.node(softmax).outputs[0]) {
      throw Mismatch{context, "the product of probabilities and values"};
    }
    const NodeId scores = find_scores(softmax, found);
    const Node& score_product = graph_.node(scores);
    found.query =
        trace_projection(graph_, shapes_, score_product.inputs[0], scores, HeadLayout::k_rows);
    // ONNX Runtime's FusedMatMul may turn the keys round itself.
    const bool turned = score_product.integer("transB", 0) != 0;
    found.key = trace_projection(graph_, shapes_, score_product.inputs[1], scores,
                                 turned ? HeadLayout::k_rows : HeadLayout::k_columns);
    found.value = trace_projection(graph_, shapes_, product.inputs[1], context, HeadLayout::k_rows);
    found.scale *= found.query.scale * found.key.scale;
    if (found.value.scale != 1) throw Mismatch{context, "values that are not scaled"};
    expect_packable(graph_, found, scores);
    found.last = find_merge(graph_, shapes_, context, found.value);
    return found;
  }

 private:
  // Goes back from the softmax to the product of query and key.
  NodeId find_scores(NodeId softmax, AttentionMatch& found) const {
    NodeId reader = softmax;
    ValueId value = graph_.node(softmax).inputs[0];
    constexpr int k_most_steps = 6;
    for (int step = 0; step < k_most_steps; ++step) {
      const NodeId id = graph_.producer(value);
      if (id == k_no_node) break;
      const Node& node = graph_.node(id);
      if (node.is("MatMul")) return id;
      if (is_fused_product(node)) {
        found.scale *= node.number("alpha", 1);
        return id;
      }
      reader = id;
      if (const auto factor = factor_of(shapes_, node, value)) {
        found.scale *= *factor;
      } else if (!found.mask && (node.is("Add") || node.is("Where"))) {
        found.mask = read_mask(id, value);
      } else {
        throw Mismatch{id, "a mask, a constant factor or the product of query and key"};
      }
    }
    throw Mismatch{reader, "the product of query and key before it"};
  }

  MaskSource read_mask(NodeId id, ValueId& scores) const {
    const auto mask = read_masking(graph_, shapes_, graph_.node(id), scores);
    if (!mask) {
      throw Mismatch{id, "a mask made of one input of the graph, the same for all queries"};
    }
    return *mask;
  }

  const Graph& graph_;
  const ProbeShapes shapes_;
};

}  // namespace

PassOutcome fuse_attention(Graph& graph) {
  const Matcher matcher(graph);
  return fuse_all(graph, [&](NodeId id) -> std::optional<AttentionMatch> {
    if (!is_softmax(graph.node(id)) || !weighs_values(graph, id)) return std::nullopt;
    return matcher.match(id);
  });
}

}  // namespace hasten::graph
