// DeBERTa-v2 and -v3 (He et al. 2020, 2021): BERT's layers with disentangled attention, in some
// models with a convolution beside the first layer.
#include <fmt/format.h>

#include <algorithm>

#include "architectures/activation.h"
#include "architectures/deberta_parts.h"
#include "architectures/families.h"
#include "architectures/masked_tokens.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"lm_predictions.", "mask_predictions.", "cls.",
                                            "deberta.embeddings.position_embeddings."};

struct Sizes : DebertaSizes {
  bool shares_projections;   // positions go through the content's query and key projections
  bool normalizes_relative;  // the relative positions' embeddings
  std::int64_t convolution;  // its width; 0: none
};

// What all layers share.
struct RelativePositions {
  ValueId embeddings = graph::k_no_value;  // [2 * span, width], k_no_value: content alone
  ValueId rows = graph::k_no_value;        // row for query l and key r: int64 [length, length]
};

Sizes read_sizes(Settings& settings) {
  Sizes sizes{read_deberta_sizes(settings, {1536, 6144, 24, 24, 128100}), false, false, 0};
  sizes.heads.head_size = settings.size("attention_head_size", sizes.heads.head_size);
  if (sizes.heads.width() != sizes.width) {
    settings.refuse("attention_head_size", "hidden_size / num_attention_heads");
  }
  sizes.shares_projections = settings.flag("share_att_key", false);
  sizes.normalizes_relative =
      settings.text("norm_rel_ebd", "none").find("layer_norm") != std::string::npos;
  sizes.convolution = settings.size("conv_kernel_size", 0, 0);
  DisentangledSettings& attention = sizes.attention;
  attention.buckets = std::max(std::int64_t{0}, settings.integer("position_buckets", -1));
  if (attention.buckets > 0) attention.span = attention.buckets;
  if (attention.buckets > 0 &&
      (attention.buckets < 4 || attention.largest_distance - 1 <= attention.buckets / 2)) {
    settings.refuse("position_buckets", "numbers from 4 to twice max_relative_positions");
  }
  return sizes;
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
  relative.rows = deberta_rows(builder, sizes, input_ids);
  return relative;
}

DebertaAttention attention(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden,
                           const RelativePositions& positions, const std::string& module) {
  const auto project = [&](ValueId input, const std::string& projection) {
    return builder.linear(input, module + "." + projection, sizes.width, sizes.width);
  };
  const auto split = [&](const char* projection, const char* part) {
    return builder.split_heads(project(hidden, projection), sizes.heads,
                               fmt::format("{}.{}", module, part));
  };
  const auto split_positions = [&](const std::string& own, const std::string& shared) {
    const ValueId rows = project(positions.embeddings, sizes.shares_projections ? shared : own);
    return split_position_rows(builder, rows, sizes.heads, module + "." + own);
  };
  DisentangledParts parts;
  parts.query = split("query_proj", "query");
  parts.key = split("key_proj", "key");
  const ValueId values = split("value_proj", "value");
  parts.rows = positions.rows;
  if (positions.embeddings != graph::k_no_value) {
    const DisentangledSettings& kinds = sizes.attention;
    if (kinds.content_to_position)
      parts.key_positions = split_positions("pos_key_proj", "key_proj");
    if (kinds.position_to_content)
      parts.query_positions = split_positions("pos_query_proj", "query_proj");
  }
  return {disentangled_scores(builder, sizes.heads, sizes.attention, parts, module), values};
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
    kept = kept_tokens(builder, attention_mask);
    hidden = builder.op("Mul", {hidden, kept}, "deberta.embeddings.kept");
  }
  const ValueId embedded = hidden;
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    const std::string module = fmt::format("deberta.encoder.layer.{}", index);
    const DebertaAttention attended =
        attention(builder, sizes, hidden, positions, module + ".attention.self");
    hidden = deberta_layer(builder, sizes, hidden, mask, attended, module);
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
  ValueId hidden = deberta_embeddings(builder, sizes, input_ids);
  const RelativePositions positions = relative_positions(builder, sizes, input_ids);
  hidden = encoder(builder, sizes, hidden, attention_mask, positions);
  const ValueId logits = deberta_logits(builder, sizes, hidden, classes);
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
