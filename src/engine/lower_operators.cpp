// Which rule lowers which operator.
#include <string_view>

#include "engine/lowering.h"

namespace hasten::engine {
namespace {

using graph::k_microsoft_domain;
using graph::Node;

void lower_alias(Lowering& lowering, const Node& node) {
  lowering.set(node.outputs[0], lowering.of(node, 0));
}

void lower_add(Lowering& lowering, const Node& node) {
  if (lower_added_padding(lowering, node) || lower_score_sum(lowering, node) ||
      lower_lookup_sum(lowering, node) || lower_bias(lowering, node) ||
      lower_channel_sum(lowering, node) || derive(lowering, node)) {
    return;
  }
  lowering.set(node.outputs[0], emit_sum(lowering, node));
}

void lower_mul(Lowering& lowering, const Node& node) {
  if (lower_masked_count(lowering, node) || lower_kept_tokens(lowering, node) ||
      lower_scaling(lowering, node) || lower_gate(lowering, node) || derive(lowering, node)) {
    return;
  }
  throw NotLowered{"a factor for scores, a gate or a part of an activation"};
}

void lower_div(Lowering& lowering, const Node& node) {
  if (lower_token_mean(lowering, node) || lower_scaling(lowering, node) || derive(lowering, node))
    return;
  throw NotLowered{"a divisor of scores, a mean over tokens or a part of an activation"};
}

void lower_where(Lowering& lowering, const Node& node) {
  expect(lower_score_choice(lowering, node), "scores outside of a window to be left out");
}

void lower_derived(Lowering& lowering, const Node& node) {
  expect(derive(lowering, node), "a part of an activation or of a rotation");
}

void lower_split_node(Lowering& lowering, const Node& node) {
  expect(lower_split(lowering, node) || derive(lowering, node), "columns or heads to be split");
}

void lower_slice_node(Lowering& lowering, const Node& node) {
  if (!lower_column_slice(lowering, node) && !derive(lowering, node)) lower_slice(lowering, node);
}

void lower_layout_node(Lowering& lowering, const Node& node) {
  expect(lower_layout(lowering, node) || derive(lowering, node),
         "heads to be split, turned or merged");
}

struct Rule {
  std::string_view op_type;
  std::string_view domain;
  void (*lower)(Lowering& lowering, const Node& node);
};

// An activation in one operator; with a bias in it, it follows a matrix product.
template <Activation activation>
void lower_as(Lowering& lowering, const Node& node) {
  if (!Lowering::has_input(node, 1)) return lower_derived(lowering, node);
  lower_biased_activation(lowering, node, activation);
}

constexpr Rule k_rules[] = {
    {"Identity", "", lower_alias},
    {"Dropout", "", lower_alias},
    {"Cast", "", lower_alias},
    {"Gather", "", lower_gather},
    {"Slice", "", lower_slice_node},
    {"Equal", "", lower_equal},
    {"Not", "", lower_not},
    {"CumSum", "", lower_running_count},
    {"Mul", "", lower_mul},
    {"Div", "", lower_div},
    {"Where", "", lower_where},
    {"Split", "", lower_split_node},
    {"Reshape", "", lower_layout_node},
    {"Transpose", "", lower_layout_node},
    {"Unsqueeze", "", lower_layout_node},
    {"Squeeze", "", lower_layout_node},
    {"Softmax", "", lower_softmax},
    {"GatherElements", "", lower_gather_elements},
    {"ReduceMean", "", lower_token_sum},
    {"ReduceSum", "", lower_token_sum},
    {"Conv", "", lower_convolution},
    {"EmbedLayerNormalization", k_microsoft_domain, lower_embed_layer_normalization},
    {"MatMul", "", lower_matmul},
    {"Gemm", "", lower_gemm},
    {"Add", "", lower_add},
    {"Gelu", "", lower_derived},
    {"Gelu", k_microsoft_domain, lower_derived},
    {"BiasGelu", k_microsoft_domain, lower_as<Activation::k_gelu_erf>},
    {"FastGelu", k_microsoft_domain, lower_as<Activation::k_gelu_tanh>},
    {"LayerNormalization", "", lower_layer_normalization},
    {"SkipLayerNormalization", k_microsoft_domain, lower_skip_layer_normalization},
    {"Attention", k_microsoft_domain, lower_attention},
};

}  // namespace

void lower_node(Lowering& lowering, const Node& node) {
  for (const Rule& rule : k_rules) {
    if (node.is(rule.op_type, rule.domain)) return rule.lower(lowering, node);
  }
  if (derive(lowering, node)) return;
  throw NotLowered{"an operator that the engine has instructions for"};
}

}  // namespace hasten::engine
