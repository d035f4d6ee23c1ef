#include <cmath>
#include <string_view>
#include <tuple>

#include "engine/lower_weights.h"
#include "engine/lowering.h"

namespace hasten::engine {
namespace {

using graph::k_microsoft_domain;
using graph::Node;

Tensor vector_input(const Lowering& lowering, const Node& node, std::size_t input,
                    std::int64_t width) {
  auto tensor = find_vector(lowering.graph(), node.inputs[input]);
  expect(tensor && tensor->size() == width,
         "input " + std::to_string(input) + " to be a constant of the activation's width");
  tensor->dims = {width};
  return std::move(*tensor);
}

std::optional<Tensor> optional_vector(const Lowering& lowering, const Node& node, std::size_t input,
                                      std::int64_t width) {
  if (!Lowering::has_input(node, input)) return std::nullopt;
  return vector_input(lowering, node, input, width);
}

// --- pass-through
// ---------------------------------------------------------------------------------

void lower_alias(Lowering& lowering, const Node& node) {
  lowering.set(node.outputs[0], lowering.of(node, 0));
}

// --- embeddings
// -----------------------------------------------------------------------------------

Lookup lookup_in(const Lowering& lowering, const Node& node, std::size_t table_input,
                 TokenIndex index) {
  const auto table = find_table(lowering.graph(), node.inputs[table_input]);
  expect(table.has_value(), "a constant embedding table");
  const std::int64_t first =
      index.source == IndexSource::k_padded_position ? index.offset + 1 : index.offset;
  expect(index.offset >= 0 && first < table->dims[0],
         "an embedding table with a row for the first index");
  return {*table, index.source, index.offset};
}

// Gather(table, indices) looks rows up; Gather(activation, 0, axis=1) takes the first token.
void lower_gather(Lowering& lowering, const Node& node) {
  if (const auto buffer = lowering.find_buffer(node, 0)) {
    expect(lowering.rows(*buffer) == Rows::k_tokens && node.integer("axis", 0) == 1 &&
               find_integer(lowering.graph(), node.inputs[1]) == 0,
           "the first token (axis 1, index 0) to be taken");
    lowering.emit(node, Pool{*buffer, PoolKind::k_first_token, {}}, Rows::k_sequences,
                  lowering.width(*buffer));
    return;
  }
  expect(node.integer("axis", 0) == 0, "rows of a table to be looked up (axis 0)");
  lowering.set(node.outputs[0],
               LookupSum{{lookup_in(lowering, node, 0, lowering.index_of(node, 1))}});
}

void emit_embed(Lowering& lowering, const Node& node, LookupSum sum, Normalization normalization) {
  const std::int64_t width = sum.lookups[0].table.dims[1];
  for (const Lookup& lookup : sum.lookups) {
    expect(lookup.table.dims[1] == width, "embedding tables of one width");
  }
  lowering.emit(node, Embed{std::move(sum.lookups), std::move(normalization), {}}, Rows::k_tokens,
                width);
}

// EmbedLayerNormalization(ids, types?, words, positions, types_table?, gamma, beta, mask?,
// position_ids?)
void lower_embed_layer_normalization(Lowering& lowering, const Node& node) {
  LookupSum sum;
  sum.lookups.push_back(lookup_in(lowering, node, 2, lowering.index_of(node, 0)));
  TokenIndex position{IndexSource::k_position};
  if (Lowering::has_input(node, 8)) position = lowering.index_of(node, 8);
  sum.lookups.push_back(lookup_in(lowering, node, 3, position));
  if (Lowering::has_input(node, 4)) {
    const TokenIndex type = Lowering::has_input(node, 1) ? lowering.index_of(node, 1)
                                                         : TokenIndex{IndexSource::k_type_id};
    sum.lookups.push_back(lookup_in(lowering, node, 4, type));
  }
  const std::int64_t width = sum.lookups[0].table.dims[1];
  Normalization normalization{vector_input(lowering, node, 5, width),
                              vector_input(lowering, node, 6, width),
                              node.number("epsilon", 1e-12F)};
  emit_embed(lowering, node, std::move(sum), std::move(normalization));
  // The mask index that this operator may also give stands for the mask.
  if (node.outputs.size() > 1 && node.outputs[1] != graph::k_no_value) {
    lowering.set(node.outputs[1], MaskValue{});
  }
}

// --- matrix products and what follows them
// --------------------------------------------------------

BufferId emit_linear(Lowering& lowering, const Node& node, Weight weight,
                     std::optional<Tensor> bias) {
  const BufferId input = lowering.buffer_of(node, 0);
  expect(weight.inputs() == lowering.width(input),
         "a weight with as many rows as the input is wide");
  const std::int64_t outputs = weight.outputs();
  Linear linear;
  linear.input = input;
  linear.weight = std::move(weight);
  linear.bias = std::move(bias);
  return lowering.emit(node, std::move(linear), lowering.rows(input), outputs);
}

void lower_matmul(Lowering& lowering, const Node& node) {
  if (lower_head_product(lowering, node)) return;
  auto weight = find_weight(lowering.graph(), node.inputs[1]);
  expect(weight.has_value(), "a constant matrix on the right");
  emit_linear(lowering, node, std::move(*weight), std::nullopt);
}

void lower_gemm(Lowering& lowering, const Node& node) {
  expect(
      node.number("alpha", 1) == 1 && node.number("beta", 1) == 1 && node.integer("transA", 0) == 0,
      "alpha = beta = 1 and an input that is not transposed");
  auto weight = find_weight(lowering.graph(), node.inputs[1]);
  expect(weight.has_value(), "a constant matrix on the right");
  if (node.integer("transB", 0) != 0) {
    expect(!weight->scales, "quantised weights that are not transposed");
    weight->transposed = !weight->transposed;
  }
  const std::int64_t outputs = weight->outputs();
  emit_linear(lowering, node, std::move(*weight), optional_vector(lowering, node, 2, outputs));
}

// Adds a constant bias to the product that `input` is.
void attach_bias(Lowering& lowering, const Node& node, std::size_t input, Tensor bias) {
  Linear* linear = lowering.open_linear(node, input);
  expect(linear != nullptr && !linear->bias, "the constant to be the bias of a matrix product");
  linear->bias = std::move(bias);
}

// Adds two activations, in the product that one of them is where nothing comes between.
BufferId emit_sum(Lowering& lowering, const Node& node) {
  const BufferId left = lowering.buffer_of(node, 0);
  const BufferId right = lowering.buffer_of(node, 1);
  expect(
      lowering.width(left) == lowering.width(right) && lowering.rows(left) == lowering.rows(right),
      "activations of one shape");
  for (const auto& [input, sum, residual] :
       {std::tuple{std::size_t{0}, left, right}, std::tuple{std::size_t{1}, right, left}}) {
    Linear* linear = lowering.open_linear(node, input);
    if (linear == nullptr || left == right || !lowering.is_computed_before(residual, sum)) continue;
    linear->residual = residual;
    return sum;
  }
  return lowering.append(Add{left, right, {}}, lowering.rows(left), lowering.width(left));
}

bool lower_bias(Lowering& lowering, const Node& node) {
  for (const std::size_t constant : {std::size_t{1}, std::size_t{0}}) {
    const auto* buffer = lowering.find<BufferId>(node, 1 - constant);
    if (buffer == nullptr || !find_vector(lowering.graph(), node.inputs[constant])) continue;
    const BufferId output = *buffer;
    attach_bias(lowering, node, 1 - constant,
                vector_input(lowering, node, constant, lowering.width(output)));
    lowering.set(node.outputs[0], output);
    return true;
  }
  return false;
}

bool lower_lookup_sum(Lowering& lowering, const Node& node) {
  const auto* left = lowering.find<LookupSum>(node, 0);
  const auto* right = lowering.find<LookupSum>(node, 1);
  if (left == nullptr || right == nullptr) return false;
  LookupSum sum = *left;
  sum.lookups.insert(sum.lookups.end(), right->lookups.begin(), right->lookups.end());
  lowering.set(node.outputs[0], std::move(sum));
  return true;
}

void lower_add(Lowering& lowering, const Node& node) {
  if (lower_added_padding(lowering, node) || lower_score_sum(lowering, node) ||
      lower_lookup_sum(lowering, node) || lower_bias(lowering, node) || derive(lowering, node)) {
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

// An activation in one operator; with a bias in it, it follows a matrix product.
void lower_activation(Lowering& lowering, const Node& node, Activation activation) {
  if (!Lowering::has_input(node, 1)) return lower_derived(lowering, node);
  const BufferId input = lowering.buffer_of(node, 0);
  Linear* linear = lowering.open_linear(node, 0);
  expect(linear != nullptr && !linear->bias, "the constant to be the bias of a matrix product");
  linear->bias = vector_input(lowering, node, 1, lowering.width(input));
  linear->activation = activation;
  lowering.set(node.outputs[0], input);
}

// --- normalisation
// --------------------------------------------------------------------------------

void lower_layer_normalization(Lowering& lowering, const Node& node) {
  const std::int64_t axis = node.integer("axis", -1);
  expect(axis == -1 || axis == 2, "normalisation over the last axis");
  const float epsilon = node.number("epsilon", 1e-5F);
  if (const auto* sum = std::get_if<LookupSum>(&lowering.of(node, 0))) {
    const std::int64_t width = sum->lookups[0].table.dims[1];
    emit_embed(lowering, node, *sum,
               {vector_input(lowering, node, 1, width), optional_vector(lowering, node, 2, width),
                epsilon});
    return;
  }
  const BufferId input = lowering.buffer_of(node, 0);
  const std::int64_t width = lowering.width(input);
  expect(axis == -1 || lowering.rows(input) == Rows::k_tokens, "normalisation over the last axis");
  lowering.emit(node,
                AddNormalize{input,
                             k_no_buffer,
                             {vector_input(lowering, node, 1, width),
                              optional_vector(lowering, node, 2, width), epsilon},
                             {}},
                lowering.rows(input), width);
}

// SkipLayerNormalization(input, skip, gamma, beta?, bias?)
void lower_skip_layer_normalization(Lowering& lowering, const Node& node) {
  const BufferId input = lowering.buffer_of(node, 0);
  const BufferId skip = lowering.buffer_of(node, 1);
  const std::int64_t width = lowering.width(input);
  expect(lowering.width(skip) == width && lowering.rows(skip) == lowering.rows(input),
         "activations of one shape");
  if (Lowering::has_input(node, 4)) {
    const Linear* first = lowering.open_linear(node, 0);
    const std::size_t product = first != nullptr && !first->bias ? 0 : 1;
    attach_bias(lowering, node, product, vector_input(lowering, node, 4, width));
  }
  AddNormalize normalize{
      input,
      skip,
      {vector_input(lowering, node, 2, width), optional_vector(lowering, node, 3, width),
       node.number("epsilon", 1e-12F)},
      {}};
  const bool sum_is_used = node.outputs.size() > 3 && node.outputs[3] != graph::k_no_value &&
                           (!lowering.graph().consumers(node.outputs[3]).empty() ||
                            lowering.graph().is_output(node.outputs[3]));
  if (sum_is_used) {
    normalize.input = emit_sum(lowering, node);
    normalize.residual = k_no_buffer;
    lowering.set(node.outputs[3], normalize.input);
  }
  lowering.emit(node, std::move(normalize), lowering.rows(input), width);
}

// --- attention
// ------------------------------------------------------------------------------------

// com.microsoft Attention(input, weight [H, 3H], bias [3H], mask?) with equal query, key, value
// sizes.
void lower_attention(Lowering& lowering, const Node& node) {
  expect(node.integer("unidirectional", 0) == 0, "attention in both directions");
  expect(!Lowering::has_input(node, 3) || lowering.is_mask(node, 3),
         "the mask to be the attention_mask input");
  for (const std::size_t extra : {4, 5, 6}) {
    expect(!Lowering::has_input(node, extra), "neither a past state nor an added bias");
  }
  auto weight = find_weight(lowering.graph(), node.inputs[1]);
  expect(weight && weight->outputs() % 3 == 0, "a constant packed weight of query, key and value");
  const std::int64_t hidden = weight->outputs() / 3;
  for (const std::int64_t size : node.integers("qkv_hidden_sizes", {})) {
    expect(size == hidden, "query, key and value of one size");
  }
  const std::int64_t heads = node.integer("num_heads", 0);
  expect(heads > 0 && hidden % heads == 0, "num_heads to divide the hidden size");
  auto bias = optional_vector(lowering, node, 2, 3 * hidden);
  const BufferId packed = emit_linear(lowering, node, std::move(*weight), std::move(bias));
  const std::int64_t head_size = hidden / heads;
  float scale = node.number("scale", 0);
  if (scale == 0) scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head_size)));
  lowering.emit(
      node,
      Attention{{packed, 0}, {packed, hidden}, {packed, 2 * hidden}, heads, head_size, scale, {}},
      Rows::k_tokens, hidden);
}

struct Rule {
  std::string_view op_type;
  std::string_view domain;
  void (*lower)(Lowering& lowering, const Node& node);
};

template <Activation activation>
void lower_as(Lowering& lowering, const Node& node) {
  lower_activation(lowering, node, activation);
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

void expect(bool holds, std::string_view expected) {
  if (!holds) throw NotLowered{std::string(expected)};
}

void lower_node(Lowering& lowering, const Node& node) {
  for (const Rule& rule : k_rules) {
    if (node.is(rule.op_type, rule.domain)) return rule.lower(lowering, node);
  }
  if (derive(lowering, node)) return;
  throw NotLowered{"an operator that the engine has instructions for"};
}

}  // namespace hasten::engine
