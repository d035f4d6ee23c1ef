//   s = Add(MatMul(q, k^T) * scale, bias)
//   c = MatMul(Softmax(s), v)
//   y = merge(c)     ==>   y = com.microsoft.MultiHeadAttention(q, k, v, _, attention_mask, bias)
//   {scale}
//
// For attention that is more than com.microsoft.Attention computes: queries, keys and values of any
// origin (turned by their positions, say), and anything added to the scores: a bias of relative
// positions, products with embeddings of distances, windows, masks that differ between queries.
// `bias` is the sum of it; a Where that replaces scores by a very low number adds that number. The
// operator Attention of ONNX 23 becomes the same, its result zero for queries that see no key.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/onnx_dtype.h"
#include "graph/passes/attention_match.h"
#include "graph/passes/attention_operand.h"
#include "graph/passes/empty_rows.h"
#include "graph/passes/passes.h"
#include "graph/passes/score_bias.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

// The mask of ONNX's Attention, whose result is zero for queries that see no key.
struct ZeroingMask {
  ValueId value = k_no_value;
  DType dtype = DType::k_bool;
  std::size_t rank = 0;
  bool may_hide = false;
};

struct BiasedMatch {
  AttentionOperand query, key, value;
  double scale = 1;
  ScoreBias bias;
  DType dtype = DType::k_float32;
  ZeroingMask zeroing;
  NodeId last = k_no_node;
};

class Matcher {
 public:
  Matcher(const Graph& graph, const ProbeShapes& shapes, const ScoreBiasBuilder& builder)
      : graph_(graph), shapes_(shapes), builder_(builder) {}

  BiasedMatch match_softmax(NodeId softmax) const {
    BiasedMatch found;
    const auto opset = graph_.opsets.find(std::string(k_onnx_domain));
    const bool is_last =
        opset != graph_.opsets.end() && opset->second >= k_first_opset_with_last_axis;
    const std::int64_t axis = graph_.node(softmax).integer("axis", is_last ? -1 : 1);
    expect(softmax, axis == -1 || axis == 3, "a softmax over the keys");
    NodeId shares = softmax;
    NodeId context = expect_only_consumer(graph_, softmax);
    while (graph_.node(context).is("Cast")) {  // to the values' type
      shares = context;
      context = expect_only_consumer(graph_, shares);
    }
    const Node& product = graph_.node(context);
    expect(context, product.is("MatMul") && product.inputs[0] == graph_.node(shares).outputs[0],
           "the product of probabilities and values");
    const NodeId scores = find_scores(graph_.node(softmax).inputs[0], 1, k_most_steps, found);
    expect(scores == k_no_node ? softmax : scores, scores != k_no_node,
           "scores that are a product of query and key, and what is added to it");
    const Node& score_product = graph_.node(scores);
    read_operands(scores, found,
                  {score_product.inputs[0], score_product.inputs[1], product.inputs[1]},
                  HeadLayout::k_columns);
    found.last = find_merge(graph_, shapes_, context, merged_heads(found));
    return found;
  }

  BiasedMatch match_operator(NodeId id) const {
    const Node& node = graph_.node(id);
    expect(id, node.integer("is_causal", 0) == 0 && node.number("softcap", 0) == 0,
           "attention in both directions, its scores not capped");
    expect(id,
           !has_input(node, 4) && !has_input(node, 5) && !has_input(node, 6) &&
               node.outputs.size() == 1,
           "neither past keys nor lengths, and one output");
    BiasedMatch found;
    read_operands(id, found, {node.inputs[0], node.inputs[1], node.inputs[2]}, HeadLayout::k_rows);
    found.scale = node.number("scale", static_cast<float>(usual_scale(found)));
    if (has_input(node, 3)) add_mask(id, node.inputs[3], found);
    expect(id, builder_.can_build(found.bias, found.query.heads), "a mask with known dimensions");
    found.last = find_merge(graph_, shapes_, id, merged_heads(found));
    return found;
  }

 private:
  static constexpr int k_most_steps = 12;
  static constexpr std::int64_t k_first_opset_with_last_axis = 13;  // as Softmax's default

  static void expect(NodeId id, bool holds, const char* expected) {
    if (!holds) throw Mismatch{id, expected};
  }

  static double usual_scale(const BiasedMatch& found) {
    return 1 / std::sqrt(static_cast<double>(found.query.head_size));
  }

  static Projection merged_heads(const BiasedMatch& found) {
    Projection merged{k_no_value, k_no_value};
    merged.heads = found.value.heads;
    merged.head_size = found.value.head_size;
    return merged;
  }

  // Goes back from the softmax over sums, factors and choices to the product of query and key,
  // noting what is added on the way `factor` times; k_no_node when there is none, with nothing
  // noted.
  NodeId find_scores(ValueId value, double factor, int steps, BiasedMatch& found) const {
    const NodeId id = graph_.producer(value);
    if (id == k_no_node || steps == 0) return k_no_node;
    const Node& node = graph_.node(id);
    if (node.is("MatMul")) {
      found.scale = factor;
      return id;
    }
    ValueId scaled = value;
    if (const auto number = factor_of(shapes_, node, scaled)) {
      return find_scores(scaled, factor * *number, steps - 1, found);
    }
    if (node.is("Where")) return find_chosen_scores(node, factor, steps, found);
    if (!node.is("Add")) return k_no_node;
    for (const std::size_t operand : {std::size_t{0}, std::size_t{1}}) {
      const NodeId scores = find_scores(node.inputs[operand], factor, steps - 1, found);
      if (scores == k_no_node) continue;
      found.bias.steps.push_back(ScoreBias::Term{node.inputs[1 - operand], factor});
      return scores;
    }
    return k_no_node;
  }

  NodeId find_chosen_scores(const Node& node, double factor, int steps, BiasedMatch& found) const {
    for (const std::size_t chosen : {std::size_t{1}, std::size_t{2}}) {
      const auto filter = shapes_.number(node.inputs[chosen]);
      if (!filter || !(*filter * factor <= k_weakest_filter)) continue;
      const NodeId scores = find_scores(node.inputs[3 - chosen], factor, steps - 1, found);
      if (scores != k_no_node) {
        found.bias.steps.push_back(
            ScoreBias::Choice{node.inputs[0], chosen == 1, *filter * factor});
      }
      return scores;
    }
    return k_no_node;
  }

  // A mask of booleans tells which keys are kept. A query from which all are hidden gives zeros.
  void add_mask(NodeId id, ValueId mask, BiasedMatch& found) const {
    const auto dtype = find_type(graph_, mask);
    expect(id, dtype && (*dtype == DType::k_bool || is_floating(*dtype)), "a mask of known type");
    const auto& dims = shapes_.dims(mask);
    expect(id, dims.has_value(), "a mask with known dimensions");
    found.zeroing = {mask, *dtype, dims->size(), may_hide(mask, *dtype)};
    if (*dtype == DType::k_bool) {
      expect(id, dims->size() < 3 || (*dims)[dims->size() - 3] == 1,
             "a mask of booleans that is the same for all heads");
      constexpr double k_lowest = std::numeric_limits<float>::lowest();
      found.bias.steps.push_back(ScoreBias::Choice{mask, false, k_lowest});
    } else {
      found.bias.steps.push_back(ScoreBias::Term{mask, 1});
    }
  }

  // Not so where the mask is known from shapes alone, as a bias of positions is.
  bool may_hide(ValueId mask, DType dtype) const {
    const Tensor* known = shapes_.walk().value(mask);
    if (known == nullptr || dtype == DType::k_bool) return true;
    const std::vector<double> values = to_float64(*known);
    return std::any_of(values.begin(), values.end(),
                       [&](double value) { return value <= lowest_of(dtype); });
  }

  void read_operands(NodeId id, BiasedMatch& found, std::array<ValueId, 3> values,
                     HeadLayout keys) const {
    const auto query =
        read_operand(graph_, shapes_, values[0], HeadLayout::k_rows, Factors::k_take_out);
    const auto key = read_operand(graph_, shapes_, values[1], keys, Factors::k_take_out);
    const auto value =
        read_operand(graph_, shapes_, values[2], HeadLayout::k_rows, Factors::k_keep);
    expect(id,
           query && key && value && query->heads == key->heads && query->heads == value->heads &&
               query->head_size == key->head_size,
           "query, key and value of [batch, heads, sequence, head size]");
    expect(id, builder_.can_build(found.bias, query->heads),
           "what is added to the scores to have known dimensions");
    const auto dtype = find_type(graph_, values[0]);
    expect(id, dtype && is_floating(*dtype), "a query of known type");
    found.query = *query;
    found.key = *key;
    found.value = *value;
    found.dtype = *dtype;
  }

  const Graph& graph_;
  const ProbeShapes& shapes_;
  const ScoreBiasBuilder& builder_;
};

std::map<std::string, Attribute> attributes_of(const BiasedMatch& match, double scale,
                                               const ScoreInputs& scores) {
  std::map<std::string, Attribute> attributes = {{"num_heads", match.query.heads},
                                                 {"scale", static_cast<float>(scale)}};
  if (scores.mask)
    attributes.emplace("mask_filter_value", filter_attribute(scores.mask->filter_value));
  return attributes;
}

// The operator's result in the activations' type, in the place of the node that merged the heads.
void replace_last(Graph& graph, const BiasedMatch& match, Node attention, DType computed,
                  ValueId seen) {
  if (computed != match.dtype) {
    const std::string name = attention.name + "." + attention.op_type;
    const ValueId wide = graph.add_op(attention.op_type, std::move(attention.inputs),
                                      std::move(attention.attributes), name, attention.domain);
    graph.value(wide).dtype = computed;
    attention = {attention.name, "Cast", {}, {wide}, {}, {{"to", onnx_code_of(match.dtype)}}};
  }
  if (seen != k_no_value) attention = zeroed_unless(graph, seen, std::move(attention), match.dtype);
  replace_node(graph, match.last, std::move(attention));
  graph.sort();
}

// Whether a query sees any key of a zeroing mask; nothing where it always does.
ValueId sees_any(Graph& graph, const ZeroingMask& mask, const ScoreInputs& scores) {
  if (!mask.may_hide) return k_no_value;
  if (mask.dtype == DType::k_bool) return rows_that_see(graph, mask.value, mask.rank);
  const double lowest = lowest_of(mask.dtype);
  if (!scores.mask) return rows_above(graph, scores.attention_bias, lowest);
  return scores.mask->filter_value <= lowest ? texts_that_see(graph, scores.mask->input)
                                             : k_no_value;
}

void replace_by_operator(Graph& graph, const BiasedMatch& match, ScoreBiasBuilder& builder) {
  const DType dtype = builder.type_of_scores(match.bias, match.dtype);
  const auto query = as_tokens(graph, match.query);
  const bool side_by_side =
      match.key.tokens.value != k_no_value && match.value.tokens.value != k_no_value;
  const auto key = side_by_side ? match.key.tokens : as_rows(graph, match.key);
  const auto& value = side_by_side ? match.value.tokens : match.value.rows;
  const ScoreInputs scores = builder.build(match.bias, query.value, match.query.heads, dtype);
  std::vector<ValueId> inputs;
  for (const ValueId operand : {query.value, key.value, value.value}) {
    inputs.push_back(cast_floating(graph, operand, dtype));
  }
  if (scores.mask || scores.attention_bias != k_no_value) {
    inputs.insert(inputs.end(), {k_no_value, scores.mask ? scores.mask->input : k_no_value});
  }
  if (scores.attention_bias != k_no_value) inputs.push_back(scores.attention_bias);
  if (scores.query_sees != k_no_value)
    inputs[0] = zeroed_unless(graph, scores.query_sees, inputs[0], dtype);
  const ValueId seen = sees_any(graph, match.zeroing, scores);
  const std::string name = graph.value(graph.node(match.last).outputs[0]).name;
  replace_last(graph, match,
               {name,
                "MultiHeadAttention",
                std::string(k_microsoft_domain),
                std::move(inputs),
                {},
                attributes_of(match, match.scale * query.scale * key.scale, scores)},
               dtype, seen);
}

}  // namespace

PassOutcome fuse_biased_attention(Graph& graph) {
  const ProbeShapes shapes(graph);
  ScoreBiasBuilder builder(graph, shapes);
  const Matcher matcher(graph, shapes, builder);
  PassOutcome outcome = fuse_all<BiasedMatch>(
      graph,
      [&](NodeId id) -> std::optional<BiasedMatch> {
        if (graph.node(id).is("Attention")) return matcher.match_operator(id);
        if (!is_softmax(graph.node(id)) || !weighs_values(graph, id)) return std::nullopt;
        return matcher.match_softmax(id);
      },
      [&](const BiasedMatch& match) { replace_by_operator(graph, match, builder); });
  if (outcome.rewrites > 0) eliminate_common_subexpressions(graph);  // what layers share
  return outcome;
}

}  // namespace hasten::graph
