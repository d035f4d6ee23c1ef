//   q = heads(x Wq + bq)
//   k = heads(x Wk + bk)
//   v = heads(x Wv + bv)
//   s = Add(MatMul(q, k^T) * scale, mask)
//   c = MatMul(Softmax(s), v)
//   y = merge(c)                 ==>   y = com.microsoft.Attention(x, Wqkv, bqkv, attention_mask)
//
// `heads` splits [batch, sequence, width] to [batch, heads, sequence, head_size], `merge` undoes
// it, in whatever Reshape and Transpose nodes; the mask is what find_mask_source() recognises.
#include <cmath>
#include <limits>

#include "graph/passes/attention_layout.h"
#include "graph/passes/attention_mask.h"
#include "graph/passes/attention_projection.h"
#include "graph/passes/cast_to_int32.h"
#include "graph/passes/match.h"
#include "graph/passes/pack_projections.h"
#include "graph/passes/passes.h"

namespace hasten::graph {
namespace {

struct Match {
  Projection query, key, value;
  std::optional<MaskSource> mask;
  double scale = 1;
  NodeId last = k_no_node;  // merges the heads
};

// The one node that reads a node's result; those that ask for its shape alone do not count.
NodeId expect_only_consumer(const Graph& graph, NodeId id) {
  const ValueId result = graph.node(id).outputs[0];
  NodeId found = k_no_node;
  std::size_t readers = graph.is_output(result) ? 1 : 0;
  for (const NodeId consumer : graph.consumers(result)) {
    if (graph.node(consumer).is("Shape")) continue;
    found = consumer;
    ++readers;
  }
  if (readers != 1 || found == k_no_node) throw Mismatch{id, "its result to be used once"};
  return found;
}

// Goes forward from the product with the values until heads are merged.
NodeId find_merge(const Graph& graph, const ProbeShapes& shapes, NodeId context,
                  const Projection& value) {
  Places merged({k_probe_size.batch, k_probe_size.length, value.heads * value.head_size});
  Places places = merged;
  places.reshape(std::vector<std::int64_t>{0, 0, value.heads, value.head_size});
  places.transpose(std::vector<std::int64_t>{0, 2, 1, 3});
  NodeId id = context;
  constexpr int k_most_steps = 4;
  for (int step = 0; step < k_most_steps && !(places == merged); ++step) {
    id = expect_only_consumer(graph, id);
    if (!apply_layout(graph, shapes, graph.node(id), places)) break;
  }
  if (!(places == merged)) throw Mismatch{id, "heads merged to [batch, sequence, width]"};
  return id;
}

class Matcher {
 public:
  explicit Matcher(const Graph& graph) : graph_(graph), shapes_(graph) {}

  // Throws Mismatch.
  Match match(NodeId softmax) {
    Match found;
    const NodeId context = expect_only_consumer(graph_, softmax);
    const Node& product = graph_.node(context);
    if (!product.is("MatMul") || product.inputs[0] != graph_.node(softmax).outputs[0]) {
      throw Mismatch{context, "the product of probabilities and values"};
    }
    const NodeId scores = find_scores(softmax, found);
    const Node& score_product = graph_.node(scores);
    found.query =
        trace_projection(graph_, shapes_, score_product.inputs[0], scores, HeadLayout::k_rows);
    found.key =
        trace_projection(graph_, shapes_, score_product.inputs[1], scores, HeadLayout::k_columns);
    found.value = trace_projection(graph_, shapes_, product.inputs[1], context, HeadLayout::k_rows);
    found.scale *= found.query.scale * found.key.scale;
    if (found.value.scale != 1) throw Mismatch{context, "values that are not scaled"};
    if (!can_be_packed(graph_, found.query, found.key, found.value)) {
      throw Mismatch{scores, "query, key and value of one input, one width and one type"};
    }
    found.last = find_merge(graph_, shapes_, context, found.value);
    return found;
  }

 private:
  // Goes back from the softmax to the product of query and key.
  NodeId find_scores(NodeId softmax, Match& found) {
    NodeId reader = softmax;
    ValueId value = graph_.node(softmax).inputs[0];
    constexpr int k_most_steps = 6;
    for (int step = 0; step < k_most_steps; ++step) {
      const NodeId id = graph_.producer(value);
      if (id == k_no_node) break;
      const Node& node = graph_.node(id);
      if (node.is("MatMul")) return id;
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

  MaskSource read_mask(NodeId id, ValueId& scores) {
    const auto mask = read_masking(graph_, shapes_, graph_.node(id), scores);
    if (!mask) {
      throw Mismatch{id, "a mask made of one input of the graph, the same for all queries"};
    }
    return *mask;
  }

  const Graph& graph_;
  const ProbeShapes shapes_;
};

std::map<std::string, Attribute> attributes_of(const Match& match) {
  std::map<std::string, Attribute> attributes = {{"num_heads", match.query.heads}};
  const double usual = 1 / std::sqrt(static_cast<double>(match.query.head_size));
  if (std::abs(match.scale - usual) > 1e-6 * usual) {
    attributes.emplace("scale", static_cast<float>(match.scale));
  }
  if (match.mask) {
    constexpr double k_lowest = std::numeric_limits<float>::lowest();
    attributes.emplace("mask_filter_value",
                       static_cast<float>(std::max(match.mask->filter_value, k_lowest)));
  }
  return attributes;
}

void fuse(Graph& graph, const Match& match, ProjectionPacker& packer) {
  const std::string name = graph.value(graph.node(match.last).outputs[0]).name;
  const PackedProjections packed = packer.pack(match.query, match.key, match.value, name);
  std::vector<ValueId> inputs = {match.query.input, packed.weight, packed.bias};
  if (match.mask) inputs.push_back(cast_to_int32(graph, match.mask->input));
  replace_node(graph, match.last,
               {name,
                "Attention",
                std::string(k_microsoft_domain),
                std::move(inputs),
                {},
                attributes_of(match)});
  graph.sort();
  graph.remove_dead();  // the three matrices, before the next ones are packed
}

bool is_live(const Graph& graph, NodeId id) {
  return graph.producer(graph.node(id).outputs[0]) == id;
}

}  // namespace

PassOutcome fuse_attention(Graph& graph) {
  PassOutcome outcome;
  Matcher matcher(graph);
  ProjectionPacker packer(graph);
  const std::vector<NodeId> order = graph.order();
  for (const NodeId id : order) {
    if (!graph.node(id).is("Softmax") || !is_live(graph, id)) continue;
    try {
      fuse(graph, matcher.match(id), packer);
      ++outcome.rewrites;
    } catch (const Mismatch& mismatch) {
      outcome.unmatched.push_back(describe(graph, mismatch));
    }
  }
  return outcome;
}

}  // namespace hasten::graph
