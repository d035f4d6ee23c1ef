// DeBERTa-v2 and -v3 (He et al. 2020, 2021): BERT's layers with disentangled attention, in some
// models with a convolution beside the first layer.
#include <fmt/format.h>

#include <algorithm>

#include "architectures/activation.h"
#include "architectures/disentangled_attention.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"
#include "base/onnx_dtype.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"lm_predictions.", "mask_predictions.", "cls.",
                                            "deberta.embeddings.position_embeddings."};

struct Sizes {
  std::int64_t width, embedding, intermediate, layers, positions, vocabulary, types;
  HeadSizes heads;
  double epsilon;
  bool adds_positions;       // to the embeddings
  bool normalizes_relative;  // the relative positions' embeddings
  std::int64_t convolution;  // its width; 0: none
  bool relative;
  DisentangledSettings attention;
};

// "c2p|p2c" or ["c2p", "p2c"]
std::string read_list(const Json& json, std::string_view key) {
  if (json.is_null()) return {};
  if (!json.is_array()) return json.as_string(key);
  std::string out;
  for (const Json& entry : json.as_array(key)) out += entry.as_string(key) + "|";
  return out;
}

DisentangledSettings read_attention(Settings& settings, const Sizes& sizes) {
  DisentangledSettings attention;
  const std::string kinds = read_list(settings.value("pos_att_type"), "pos_att_type");
  attention.content_to_position = kinds.find("c2p") != kinds.npos;
  attention.position_to_content = kinds.find("p2c") != kinds.npos;
  attention.shares_projections = settings.flag("share_att_key", false);
  attention.largest_distance = settings.integer("max_relative_positions", -1);
  if (attention.largest_distance < 1) attention.largest_distance = sizes.positions;
  attention.buckets = std::max(std::int64_t{0}, settings.integer("position_buckets", -1));
  attention.span = attention.buckets > 0 ? attention.buckets : attention.largest_distance;
  if (attention.buckets > 0 &&
      (attention.buckets < 4 || attention.largest_distance - 1 <= attention.buckets / 2)) {
    settings.refuse("position_buckets", "numbers from 4 to twice max_relative_positions");
  }
  return attention;
}

Sizes read_sizes(Settings& settings) {
  expect_plain_encoder(settings);
  Sizes sizes{};
  sizes.width = settings.size("hidden_size", 1536);
  sizes.embedding = settings.size("embedding_size", sizes.width);
  sizes.intermediate = settings.size("intermediate_size", 6144);
  sizes.layers = settings.size("num_hidden_layers", 24);
  sizes.heads = divide_heads(settings, sizes.width, settings.size("num_attention_heads", 24));
  sizes.heads.head_size = settings.size("attention_head_size", sizes.heads.head_size);
  if (sizes.heads.width() != sizes.width) {
    settings.refuse("attention_head_size", "hidden_size / num_attention_heads");
  }
  sizes.positions = settings.size("max_position_embeddings", 512);
  sizes.vocabulary = settings.size("vocab_size", 128100);
  sizes.types = settings.size("type_vocab_size", 0, 0);
  sizes.epsilon = settings.number("layer_norm_eps", 1e-7);
  sizes.adds_positions = settings.flag("position_biased_input", true);
  sizes.normalizes_relative =
      settings.text("norm_rel_ebd", "none").find("layer_norm") != std::string::npos;
  sizes.convolution = settings.size("conv_kernel_size", 0, 0);
  sizes.relative = settings.flag("relative_attention", false);
  sizes.attention = read_attention(settings, sizes);
  if (settings.size("pooler_hidden_size", sizes.width) != sizes.width) {
    settings.refuse("pooler_hidden_size", "hidden_size");
  }
  return sizes;
}

ValueId embeddings(EncoderBuilder& builder, const Sizes& sizes, ValueId input_ids) {
  const std::string module = "deberta.embeddings";
  ValueId sum =
      builder.lookup(module + ".word_embeddings", input_ids, sizes.vocabulary, sizes.embedding);
  if (sizes.adds_positions) {
    const ValueId positions = builder.lookup(module + ".position_embeddings",
                                             counted_positions(builder, input_ids, sizes.positions),
                                             sizes.positions, sizes.embedding);
    sum = builder.add(sum, positions, module + ".words_and_positions");
  }
  if (sizes.types > 0) {
    const ValueId types =
        builder.lookup(module + ".token_type_embeddings", builder.token_input("token_type_ids"),
                       sizes.types, sizes.embedding);
    sum = builder.add(sum, types, module + ".sum");
  }
  if (sizes.embedding != sizes.width) {
    sum = builder.linear(sum, module + ".embed_proj", sizes.embedding, sizes.width, false);
  }
  return builder.layer_normalization(sum, module + ".LayerNorm", sizes.width, sizes.epsilon);
}

RelativePositions relative_positions(EncoderBuilder& builder, const Sizes& sizes,
                                     ValueId input_ids) {
  RelativePositions relative;
  const std::string module = "deberta.encoder";
  if (!sizes.relative) {
    for (const char* part : {".weight", ".bias"}) {
      if (sizes.normalizes_relative) builder.weights().find(module + ".LayerNorm" + part);
    }
    return relative;
  }
  relative.embeddings =
      builder.tensor(module + ".rel_embeddings.weight", {2 * sizes.attention.span, sizes.width});
  if (sizes.normalizes_relative) {
    relative.embeddings = builder.layer_normalization(relative.embeddings, module + ".LayerNorm",
                                                      sizes.width, sizes.epsilon);
  }
  const ValueId distances =
      signed_distances(builder, counted_positions(builder, input_ids, sizes.positions));
  relative.rows =
      distance_buckets(builder, distances, disentangled_rows(sizes.attention, sizes.positions),
                       module + ".relative_rows");
  return relative;
}

ValueId layer(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden, ValueId mask,
              const RelativePositions& positions, const std::string& module) {
  const std::string attention = module + ".attention.self";
  const ScoredValues scored = disentangled_scores(builder, hidden, sizes.width, sizes.heads,
                                                  sizes.attention, positions, attention);
  const ValueId context =
      builder.weighted_values(scored.scores, mask, scored.values, sizes.heads, attention);
  const std::string output = module + ".attention.output";
  const ValueId projected = builder.linear(context, output + ".dense", sizes.width, sizes.width);
  const ValueId attended =
      builder.layer_normalization(builder.add(projected, hidden, output + ".sum"),
                                  output + ".LayerNorm", sizes.width, sizes.epsilon);
  const ValueId wide =
      builder.linear(attended, module + ".intermediate.dense", sizes.width, sizes.intermediate);
  const ValueId active =
      add_activation(builder, wide, "hidden_act", "gelu", module + ".intermediate.activation");
  const ValueId narrow =
      builder.linear(active, module + ".output.dense", sizes.intermediate, sizes.width);
  return builder.layer_normalization(builder.add(narrow, attended, module + ".output.sum"),
                                     module + ".output.LayerNorm", sizes.width, sizes.epsilon);
}

// The convolution over the embeddings that is added to the first layer's output. Padding counts as
// zeros: `kept` is 1 for tokens, 0 for padding, [batch, length, 1].
ValueId convolution(EncoderBuilder& builder, const Sizes& sizes, ValueId embedded, ValueId output,
                    ValueId kept) {
  const std::string module = "deberta.encoder.conv";
  const std::int64_t groups = builder.settings().size("conv_groups", 1);
  if (sizes.width % groups != 0)
    builder.settings().refuse("conv_groups", "divisors of hidden_size");
  if (sizes.convolution % 2 == 0) builder.settings().refuse("conv_kernel_size", "odd numbers");
  const std::vector<std::int64_t> exchange = {0, 2, 1};
  const ValueId channels =
      builder.op("Transpose", {embedded}, module + ".channels", {{"perm", exchange}});
  const ValueId weight = builder.tensor(module + ".conv.weight",
                                        {sizes.width, sizes.width / groups, sizes.convolution});
  const std::int64_t padding = (sizes.convolution - 1) / 2;
  const ValueId product =
      builder.op("Conv", {channels, weight, builder.vector(module + ".conv.bias", sizes.width)},
                 module + ".product",
                 {{"group", groups}, {"pads", std::vector<std::int64_t>{padding, padding}}});
  const ValueId rows = builder.op("Transpose", {product}, module + ".rows", {{"perm", exchange}});
  const ValueId tokens = builder.op("Mul", {rows, kept}, module + ".tokens");
  const ValueId active =
      add_activation(builder, tokens, "conv_act", "tanh", module + ".activation");
  const ValueId normalized =
      builder.layer_normalization(builder.add(output, active, module + ".sum"),
                                  module + ".LayerNorm", sizes.width, sizes.epsilon);
  return builder.op("Mul", {normalized, kept}, module);
}

ValueId encoder(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden, ValueId attention_mask,
                const RelativePositions& positions) {
  const ValueId mask = builder.additive_mask(attention_mask);
  ValueId kept = graph::k_no_value;
  if (sizes.convolution > 0) {
    const ValueId tokens =
        builder.op("Unsqueeze", {attention_mask, builder.integers({2})}, "attention_mask.tokens");
    kept = builder.op("Cast", {tokens}, "attention_mask.kept_tokens",
                      {{"to", onnx_code_of(DType::k_float32)}});
    hidden = builder.op("Mul", {hidden, kept}, "deberta.embeddings.kept");
  }
  const ValueId embedded = hidden;
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden = layer(builder, sizes, hidden, mask, positions,
                   fmt::format("deberta.encoder.layer.{}", index));
    if (index == 0 && sizes.convolution > 0) {
      hidden = convolution(builder, sizes, embedded, hidden, kept);
    }
  }
  return hidden;
}

}  // namespace

BuiltModel build_deberta_v2(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "deberta.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  ValueId hidden = embeddings(builder, sizes, input_ids);
  const RelativePositions positions = relative_positions(builder, sizes, input_ids);
  hidden = encoder(builder, sizes, hidden, attention_mask, positions);
  const std::string activation = read_activation(builder.settings(), "pooler_hidden_act", "gelu");
  const ValueId logits = classify_first_token(
      builder, hidden, {"pooler.dense", activation, "classifier", sizes.width, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
