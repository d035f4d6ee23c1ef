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
#include "base/onnx_dtype.h"
#include "graph/passes/attention_match.h"
#include "graph/passes/biased_attention_match.h"
#include "graph/passes/empty_rows.h"
#include "graph/passes/passes.h"
#include "graph/passes/value_type.h"

namespace hasten::graph {
namespace {

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
  PassOutcome outcome = fuse_all<BiasedMatch>(
      graph,
      [&](NodeId id) -> std::optional<BiasedMatch> {
        if (graph.node(id).is("Attention"))
          return match_attention_operator(graph, shapes, builder, id);
        if (!is_softmax(graph.node(id)) || !weighs_values(graph, id)) return std::nullopt;
        return match_biased_softmax(graph, shapes, builder, id);
      },
      [&](const BiasedMatch& match) { replace_by_operator(graph, match, builder); });
  if (outcome.rewrites > 0) eliminate_common_subexpressions(graph);  // what layers share
  return outcome;
}

}  // namespace hasten::graph
