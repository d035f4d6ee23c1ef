#include "graph/passes/biased_attention_match.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "graph/passes/attention_match.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

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

}  // namespace

BiasedMatch match_biased_softmax(const Graph& graph, const ProbeShapes& shapes,
                                 const ScoreBiasBuilder& builder, NodeId softmax) {
  return Matcher(graph, shapes, builder).match_softmax(softmax);
}

BiasedMatch match_attention_operator(const Graph& graph, const ProbeShapes& shapes,
                                     const ScoreBiasBuilder& builder, NodeId id) {
  return Matcher(graph, shapes, builder).match_operator(id);
}

}  // namespace hasten::graph
