//   q = heads(x Wq + bq)
//   k = heads(x Wk + bk)
//   v = heads(x Wv + bv)
//   c = Attention(q, k, v, mask)             (ONNX 23)
//   y = merge(c)                 ==>   a = com.microsoft.Attention(x, Wqkv, bqkv, attention_mask)
//                                      y = Where(any(attention_mask), a, 0)
//
//   y = com.microsoft.MultiHeadAttention(x Wq, x Wk, x Wv, bias, key_padding_mask)
//                                ==>   y = com.microsoft.Attention(x, Wqkv, bias, key_padding_mask)
//
// Queries, keys and values of rank 3 have their heads side by side, and so has the result.
#include <cmath>
#include <limits>

#include "graph/passes/attention_match.h"
#include "graph/passes/passes.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

constexpr std::size_t k_query = 0, k_key = 1, k_value = 2;

class Matcher {
 public:
  explicit Matcher(Graph& graph) : graph_(graph), shapes_(graph) {}

  AttentionMatch match_onnx(NodeId id) const {
    const Node& node = graph_.node(id);
    expect(id, node.integer("is_causal", 0) == 0, "attention in both directions");
    expect(id, node.number("softcap", 0) == 0, "scores that are not capped");
    for (const std::size_t extra : {4, 5, 6}) {
      expect(id, !has_input(node, extra), "neither past keys nor lengths");
    }
    expect(id, node.outputs.size() == 1, "one output");
    AttentionMatch found = read_projections(id, "q_num_heads");
    found.scale *= node.attributes.contains("scale") ? node.number("scale", 1) : usual_scale(found);
    if (has_input(node, 3)) read_mask(id, found);
    const bool side_by_side = node.integer("q_num_heads", 0) > 0;  // given for rank 3 alone
    found.last = side_by_side ? id : find_merge(graph_, shapes_, id, found.value);
    return found;
  }

  AttentionMatch match_multi_head(NodeId id) const {
    const Node& node = graph_.node(id);
    expect(id, node.integer("unidirectional", 0) == 0, "attention in both directions");
    for (const std::size_t extra : {5, 6, 7}) {
      expect(id, !has_input(node, extra), "neither a bias of the scores nor past keys");
    }
    expect(id, has_input(node, k_key) && has_input(node, k_value), "query, key and value");
    AttentionMatch found = read_projections(id, "num_heads");
    const double scale = node.number("scale", 0);
    found.scale *= scale == 0 ? usual_scale(found) : scale;
    if (has_input(node, 3)) split_bias(id, found);
    if (has_input(node, 4)) {
      found.mask = MaskSource{node.inputs[4], node.number("mask_filter_value", -10000.0F)};
    }
    found.last = id;
    return found;
  }

 private:
  static void expect(NodeId id, bool holds, const char* expected) {
    if (!holds) throw Mismatch{id, expected};
  }

  static double usual_scale(const AttentionMatch& found) {
    return 1 / std::sqrt(static_cast<double>(found.query.head_size));
  }

  AttentionMatch read_projections(NodeId id, std::string_view heads) const {
    const Node& node = graph_.node(id);
    const auto read = [&](std::size_t operand) {
      return trace_projection(graph_, shapes_, node.inputs[operand], id, HeadLayout::k_rows,
                              node.integer(heads, 0));
    };
    AttentionMatch found;
    found.query = read(k_query);
    found.key = read(k_key);
    found.value = read(k_value);
    expect(id, found.value.scale == 1, "values that are not scaled");
    found.scale = found.query.scale * found.key.scale;
    expect_packable(graph_, found, id);
    return found;
  }

  // The lowest number hides a key as a boolean does, and a query without keys gives zeros.
  void read_mask(NodeId id, AttentionMatch& found) const {
    const ValueId value = graph_.node(id).inputs[3];
    const auto mask = find_mask(graph_, shapes_, value);
    const auto filter = mask ? filter_of(*mask, value) : std::nullopt;
    expect(id, filter.has_value(),
           "a mask made of one input of the graph, the same for all queries");
    const auto dtype = find_type(graph_, value);
    const double lowest = lowest_of(dtype.value_or(DType::k_float32));
    found.mask = MaskSource{mask->input, *filter};
    if (*filter > lowest) return;
    const auto activations = find_type(graph_, found.query.input);
    expect(id, activations && is_floating(*activations), "a query of known type");
    found.mask->filter_value = std::numeric_limits<float>::lowest();
    found.zeroes_empty_rows = activations;
  }

  // What is added where the mask drops; booleans tell which keys are kept.
  std::optional<double> filter_of(const MaskValues& mask, ValueId value) const {
    if (is_boolean(graph_, value)) {
      if (mask.kept != 1 || mask.dropped != 0) return std::nullopt;
      return -std::numeric_limits<double>::infinity();
    }
    if (mask.kept != 0 || !(mask.dropped <= k_weakest_filter)) return std::nullopt;
    return mask.dropped;
  }

  // The bias of all three, added to the projections that have none of their own.
  void split_bias(NodeId id, AttentionMatch& found) const {
    const ValueId bias = graph_.node(id).inputs[3];
    const std::int64_t width = found.query.heads * found.query.head_size;
    expect(id, constant_vector(graph_, bias, 3 * width) != nullptr, "a constant bias");
    std::int64_t begin = 0;
    for (Projection* part : {&found.query, &found.key, &found.value}) {
      expect(id, part->bias == k_no_value, "projections without a bias of their own");
      part->bias = part_of_vector(graph_, bias, begin, width);
      begin += width;
    }
  }

  Graph& graph_;
  const ProbeShapes shapes_;
};

}  // namespace

PassOutcome fuse_attention_operators(Graph& graph) {
  const Matcher matcher(graph);
  PassOutcome outcome = fuse_all(graph, [&](NodeId id) -> std::optional<AttentionMatch> {
    const Node& node = graph.node(id);
    if (node.is("Attention")) return matcher.match_onnx(id);
    if (node.is("MultiHeadAttention", k_microsoft_domain)) return matcher.match_multi_head(id);
    return std::nullopt;
  });
  if (outcome.rewrites > 0) eliminate_common_subexpressions(graph);  // what layers share
  return outcome;
}

}  // namespace hasten::graph
