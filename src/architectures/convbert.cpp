// ConvBERT (Jiang et al. 2020): half of attention's width is a convolution whose kernel each token
// makes for itself.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "architectures/activation.h"
#include "architectures/bert_encoder.h"
#include "architectures/block_diagonal.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/masked_tokens.h"
#include "architectures/positions.h"
#include "architectures/transpose.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"discriminator_predictions.", "generator_predictions.",
                                            "generator_lm_head."};

struct Sizes : BertSizes {
  HeadSizes attention;  // half of the width, or less where it is odd
  std::int64_t kernel;
  std::int64_t groups;  // of the feed-forward layers
};

Sizes read_sizes(Settings& settings) {
  Sizes sizes{read_bert_sizes(settings), {}, 0, 0};
  if (!sizes.has_absolute_positions()) settings.refuse("position_embedding_type", "absolute");
  const std::int64_t ratio = settings.size("head_ratio", 2);
  const std::int64_t heads = std::max(std::int64_t{1}, sizes.heads.heads / ratio);
  sizes.attention = divide_heads(settings, sizes.hidden, heads);
  sizes.attention.head_size /= 2;
  if (2 * sizes.attention.width() != sizes.hidden) {
    settings.refuse("head_ratio", "those that halve the heads");
  }
  sizes.kernel = settings.size("conv_kernel_size", 9);
  if (sizes.kernel % 2 == 0) settings.refuse("conv_kernel_size", "odd numbers");
  sizes.groups = settings.size("num_groups", 1);
  if (sizes.hidden % sizes.groups != 0 || sizes.intermediate % sizes.groups != 0) {
    settings.refuse("num_groups", "divisors of hidden_size and intermediate_size");
  }
  return sizes;
}

class ConvBert {
 public:
  // `kept` is 1 for tokens, 0 for padding: float32 [batch, length, 1].
  ConvBert(EncoderBuilder& builder, const Sizes& sizes, ValueId mask, ValueId kept)
      : builder_(builder), sizes_(sizes), mask_(mask), kept_(kept) {}

  ValueId layer(ValueId hidden, const std::string& module);

 private:
  ValueId self_attention(ValueId hidden, const std::string& module);
  ValueId keys_of_convolution(ValueId hidden, const std::string& module);
  ValueId kernels(ValueId hidden, ValueId query, const std::string& module);
  ValueId neighbours(ValueId hidden, const std::string& module);
  ValueId feed_forward(ValueId input, const std::string& module, std::int64_t inputs,
                       std::int64_t outputs);
  ValueId normalize(ValueId input, ValueId residual, const std::string& module) {
    return builder_.layer_normalization(builder_.add(input, residual, module + ".sum"),
                                        module + ".LayerNorm", sizes_.hidden, sizes_.epsilon);
  }

  EncoderBuilder& builder_;
  const Sizes& sizes_;
  ValueId mask_, kept_;
};

// A convolution of each channel with its neighbours, then a product over the channels.
ValueId ConvBert::keys_of_convolution(ValueId hidden, const std::string& module) {
  const std::int64_t width = sizes_.attention.width();
  const std::vector<std::int64_t> exchange = {0, 2, 1};
  const std::int64_t padding = sizes_.kernel / 2;
  const ValueId tokens = builder_.op("Mul", {hidden, kept_}, module + ".tokens");
  const ValueId channels =
      builder_.op("Transpose", {tokens}, module + ".channels", {{"perm", exchange}});
  const ValueId depthwise =
      builder_.tensor(module + ".depthwise.weight", {sizes_.hidden, 1, sizes_.kernel});
  const ValueId convolved = builder_.op(
      "Conv", {channels, depthwise}, module + ".depthwise",
      {{"group", sizes_.hidden}, {"pads", std::vector<std::int64_t>{padding, padding}}});
  const ValueId rows =
      builder_.op("Transpose", {convolved}, module + ".rows", {{"perm", exchange}});
  Tensor pointwise =
      builder_.weights().take(module + ".pointwise.weight", {width, sizes_.hidden, 1});
  pointwise.dims = {width, sizes_.hidden};
  const ValueId matrix = builder_.made(module + ".pointwise.weight", transpose(pointwise));
  const ValueId product = builder_.op("MatMul", {rows, matrix}, module + ".pointwise");
  const ValueId column = builder_.tensor(module + ".bias", {width, 1});
  const ValueId bias =
      builder_.op("Squeeze", {column, builder_.integers({1})}, module + ".bias_row");
  return builder_.add(product, bias, module);
}

// softmax over the kernel's places: [batch, length, heads, kernel, 1].
ValueId ConvBert::kernels(ValueId hidden, ValueId query, const std::string& module) {
  const std::int64_t heads = sizes_.attention.heads;
  const ValueId keys = keys_of_convolution(hidden, module + ".key_conv_attn_layer");
  const ValueId mixed = builder_.op("Mul", {keys, query}, module + ".conv_attn");
  const ValueId scores = builder_.linear(mixed, module + ".conv_kernel_layer",
                                         sizes_.attention.width(), heads * sizes_.kernel);
  const ValueId split =
      builder_.op("Reshape", {scores, builder_.integers({0, 0, heads, sizes_.kernel})},
                  module + ".kernel_scores");
  const ValueId shares =
      builder_.op("Softmax", {split}, module + ".kernels", {{"axis", std::int64_t{-1}}});
  return builder_.op("Unsqueeze", {shares, builder_.integers({4})}, module + ".kernel_columns");
}

// Each token's and its neighbours' values, zeros beyond the text: [batch, length, heads, head_size,
// kernel].
ValueId ConvBert::neighbours(ValueId hidden, const std::string& module) {
  const std::int64_t reach = (sizes_.kernel - 1) / 2;
  const std::string name = module + ".neighbours";
  const ValueId values =
      builder_.linear(hidden, module + ".conv_out_layer", sizes_.hidden, sizes_.attention.width());
  const ValueId tokens = builder_.op("Mul", {values, kept_}, name + ".tokens");
  const ValueId padded =
      builder_.op("Pad", {tokens, builder_.integers({0, reach, 0, 0, reach, 0})}, name + ".padded");
  std::vector<ValueId> columns;
  for (std::int64_t place = 0; place < sizes_.kernel; ++place) {
    const std::int64_t last = sizes_.kernel - 1;
    const std::int64_t end =
        place == last ? std::numeric_limits<std::int64_t>::max() : place - last;
    const ValueId rows = builder_.op(
        "Slice",
        {padded, builder_.integers({place}), builder_.integers({end}), builder_.integers({1})},
        fmt::format("{}.{}", name, place));
    columns.push_back(builder_.op("Unsqueeze", {rows, builder_.integers({3})},
                                  fmt::format("{}.{}.column", name, place)));
  }
  const ValueId all = builder_.op("Concat", std::move(columns), name, {{"axis", std::int64_t{3}}});
  const HeadSizes& heads = sizes_.attention;
  return builder_.op("Reshape",
                     {all, builder_.integers({0, 0, heads.heads, heads.head_size, sizes_.kernel})},
                     name + ".heads");
}

ValueId ConvBert::self_attention(ValueId hidden, const std::string& module) {
  const std::int64_t width = sizes_.attention.width();
  const QueryKeyValue inputs{builder_.linear(hidden, module + ".query", sizes_.hidden, width),
                             builder_.linear(hidden, module + ".key", sizes_.hidden, width),
                             builder_.linear(hidden, module + ".value", sizes_.hidden, width)};
  const ValueId attended = builder_.attend(inputs, mask_, sizes_.attention, module);
  const ValueId products =
      builder_.op("MatMul", {neighbours(hidden, module), kernels(hidden, inputs.query, module)},
                  module + ".convolved_heads");
  const ValueId convolved =
      builder_.op("Reshape", {products, builder_.integers({0, 0, width})}, module + ".convolved");
  return builder_.op("Concat", {attended, convolved}, module, {{"axis", std::int64_t{2}}});
}

ValueId ConvBert::feed_forward(ValueId input, const std::string& module, std::int64_t inputs,
                               std::int64_t outputs) {
  if (sizes_.groups == 1) return builder_.linear(input, module, inputs, outputs);
  const Tensor& blocks = builder_.weights().take(
      module + ".weight", {sizes_.groups, inputs / sizes_.groups, outputs / sizes_.groups});
  const ValueId matrix = builder_.made(module + ".weight", block_diagonal(blocks));
  const ValueId product = builder_.op("MatMul", {input, matrix}, module + ".product");
  return builder_.add(product, builder_.vector(module + ".bias", outputs), module);
}

ValueId ConvBert::layer(ValueId hidden, const std::string& module) {
  const ValueId context = self_attention(hidden, module + ".attention.self");
  const std::string output = module + ".attention.output";
  const ValueId projected =
      builder_.linear(context, output + ".dense", sizes_.hidden, sizes_.hidden);
  const ValueId attended = normalize(projected, hidden, output);
  const ValueId wide =
      feed_forward(attended, module + ".intermediate.dense", sizes_.hidden, sizes_.intermediate);
  const ValueId active =
      add_activation(builder_, wide, "hidden_act", "gelu", module + ".intermediate.activation");
  const ValueId narrow =
      feed_forward(active, module + ".output.dense", sizes_.intermediate, sizes_.hidden);
  return normalize(narrow, attended, module + ".output");
}

}  // namespace

BuiltModel build_convbert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "convbert.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t embedding = builder.settings().size("embedding_size", 768);
  const std::int64_t classes = builder.class_count("classifier.out_proj.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId token_type_ids = builder.token_input("token_type_ids");
  const ValueId positions = counted_positions(builder, input_ids, sizes.positions);
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions},
                                   embedding, "convbert.");
  if (embedding != sizes.hidden) {
    hidden = builder.linear(hidden, "convbert.embeddings_project", embedding, sizes.hidden);
  }
  ConvBert model(builder, sizes, builder.additive_mask(attention_mask),
                 kept_tokens(builder, attention_mask));
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden = model.layer(hidden, fmt::format("convbert.encoder.layer.{}", index));
  }
  const std::string activation = read_activation(builder.settings(), "hidden_act", "gelu");
  const ValueId logits = classify_first_token(
      builder, hidden,
      {"classifier.dense", activation, "classifier.out_proj", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
