// MobileBERT (Sun et al. 2020): thin layers between bottlenecks, a feed-forward stack in each, and
// a scale and shift where BERT normalises.
#include <fmt/format.h>

#include <limits>

#include "architectures/activation.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/masked_tokens.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"cls."};
constexpr double k_default_epsilon = 1e-5;  // where the architecture leaves PyTorch's own

struct Sizes {
  std::int64_t width, embedding, intermediate, layers, positions, vocabulary, types;
  std::int64_t thin;  // the width within a layer
  std::int64_t feed_forwards;
  HeadSizes heads;
  double epsilon;
  bool trigrams, bottleneck, thin_attention, normalizes, activates;
};

Sizes read_sizes(Settings& settings) {
  expect_plain_encoder(settings);
  Sizes sizes{};
  sizes.width = settings.size("hidden_size", 512);
  sizes.embedding = settings.size("embedding_size", 128);
  sizes.intermediate = settings.size("intermediate_size", 512);
  sizes.layers = settings.size("num_hidden_layers", 24);
  sizes.positions = settings.size("max_position_embeddings", 512);
  sizes.vocabulary = settings.size("vocab_size", 30522);
  sizes.types = settings.size("type_vocab_size", 2);
  sizes.epsilon = settings.number("layer_norm_eps", 1e-12);
  sizes.trigrams = settings.flag("trigram_input", true);
  sizes.bottleneck = settings.flag("use_bottleneck", true);
  const std::int64_t within = settings.size("intra_bottleneck_size", 128);
  sizes.thin = sizes.bottleneck ? within : sizes.width;
  settings.size("true_hidden_size", sizes.thin);  // derived from the others
  sizes.heads = divide_heads(settings, sizes.thin, settings.size("num_attention_heads", 4));
  sizes.thin_attention = settings.flag("use_bottleneck_attention", false);
  sizes.feed_forwards = settings.size("num_feedforward_networks", 4);
  sizes.activates = settings.flag("classifier_activation", true);
  const std::string normalization = settings.text("normalization_type", "no_norm");
  sizes.normalizes = normalization == "layer_norm";
  if (!sizes.normalizes && normalization != "no_norm") {
    settings.refuse("normalization_type", "no_norm, layer_norm");
  }
  if (!settings.flag("key_query_shared_bottleneck", true) && sizes.bottleneck &&
      !sizes.thin_attention && sizes.thin != sizes.width) {
    settings.refuse("key_query_shared_bottleneck", "true");
  }
  return sizes;
}

class MobileBert {
 public:
  MobileBert(EncoderBuilder& builder, const Sizes& sizes) : builder_(builder), sizes_(sizes) {}

  ValueId embeddings(ValueId input_ids, ValueId attention_mask);
  ValueId layer(ValueId hidden, ValueId mask, const std::string& module);

 private:
  struct Inputs {
    QueryKeyValue attention;
    ValueId residual;
  };

  ValueId normalize(ValueId input, const std::string& module, std::int64_t width, double epsilon);
  ValueId output_block(ValueId input, const Dims& dims, ValueId residual, const std::string& module,
                       double epsilon);
  ValueId trigrams(ValueId words, ValueId attention_mask);
  ValueId thin(ValueId hidden, const std::string& module);
  Inputs bottleneck(ValueId hidden, const std::string& module);
  ValueId widen_feed_forward(ValueId input, const std::string& module);

  EncoderBuilder& builder_;
  const Sizes& sizes_;
};

ValueId MobileBert::normalize(ValueId input, const std::string& module, std::int64_t width,
                              double epsilon) {
  if (sizes_.normalizes) return builder_.layer_normalization(input, module, width, epsilon);
  const ValueId scaled =
      builder_.op("Mul", {input, builder_.vector(module + ".weight", width)}, module + ".scaled");
  return builder_.add(scaled, builder_.vector(module + ".bias", width), module);
}

// normalize(linear(x) + residual); `dims`: outputs and inputs.
ValueId MobileBert::output_block(ValueId input, const Dims& dims, ValueId residual,
                                 const std::string& module, double epsilon) {
  const ValueId dense = builder_.linear(input, module + ".dense", dims[1], dims[0]);
  return normalize(builder_.add(dense, residual, module + ".sum"), module + ".LayerNorm", dims[0],
                   epsilon);
}

// [next token, token, token before], zeros beyond the text's ends.
ValueId MobileBert::trigrams(ValueId words, ValueId attention_mask) {
  const std::string name = "mobilebert.embeddings.trigrams";
  const ValueId kept = kept_tokens(builder_, attention_mask);
  const ValueId tokens = builder_.op("Mul", {words, kept}, name + ".tokens");
  const ValueId padded =
      builder_.op("Pad", {tokens, builder_.integers({0, 1, 0, 0, 1, 0})}, name + ".padded");
  const ValueId axis = builder_.integers({1});
  const ValueId end = builder_.integers({std::numeric_limits<std::int64_t>::max()});
  const ValueId next =
      builder_.op("Slice", {padded, builder_.integers({2}), end, axis}, name + ".next");
  const ValueId before = builder_.op(
      "Slice", {padded, builder_.integers({0}), builder_.integers({-2}), axis}, name + ".before");
  return builder_.op("Concat", {next, tokens, before}, name, {{"axis", std::int64_t{2}}});
}

ValueId MobileBert::embeddings(ValueId input_ids, ValueId attention_mask) {
  const std::string module = "mobilebert.embeddings";
  ValueId words =
      builder_.lookup(module + ".word_embeddings", input_ids, sizes_.vocabulary, sizes_.embedding);
  const std::string transformation = module + ".embedding_transformation";
  const std::int64_t inputs = sizes_.trigrams ? 3 * sizes_.embedding : sizes_.embedding;
  if (sizes_.trigrams) words = trigrams(words, attention_mask);
  if (sizes_.trigrams || sizes_.embedding != sizes_.width) {
    words = builder_.linear(words, transformation, inputs, sizes_.width);
  } else {
    builder_.weights().find(transformation + ".weight");  // saved, but not used
    builder_.weights().find(transformation + ".bias");
  }
  const ValueId positions = builder_.lookup(
      module + ".position_embeddings", counted_positions(builder_, input_ids, sizes_.positions),
      sizes_.positions, sizes_.width);
  const ValueId types =
      builder_.lookup(module + ".token_type_embeddings", builder_.token_input("token_type_ids"),
                      sizes_.types, sizes_.width);
  const ValueId placed = builder_.add(words, positions, module + ".words_and_positions");
  return normalize(builder_.add(placed, types, module + ".sum"), module + ".LayerNorm",
                   sizes_.width, k_default_epsilon);
}

ValueId MobileBert::thin(ValueId hidden, const std::string& module) {
  return normalize(builder_.linear(hidden, module + ".dense", sizes_.width, sizes_.thin),
                   module + ".LayerNorm", sizes_.thin, sizes_.epsilon);
}

// What attention and its residual read.
MobileBert::Inputs MobileBert::bottleneck(ValueId hidden, const std::string& module) {
  if (!sizes_.bottleneck) return {{hidden, hidden, hidden}, hidden};
  const ValueId input = thin(hidden, module + ".input");
  if (sizes_.thin_attention) {
    for (const char* part : {"dense.weight", "dense.bias", "LayerNorm.weight", "LayerNorm.bias"}) {
      builder_.weights().find(fmt::format("{}.attention.{}", module, part));  // saved, but not used
    }
    return {{input, input, input}, input};
  }
  if (!builder_.settings().flag("key_query_shared_bottleneck", true)) {
    return {{hidden, hidden, hidden}, input};
  }
  const ValueId shared = thin(hidden, module + ".attention");
  return {{shared, shared, hidden}, input};
}

ValueId MobileBert::widen_feed_forward(ValueId input, const std::string& module) {
  const ValueId wide = builder_.linear(input, module + ".dense", sizes_.thin, sizes_.intermediate);
  return add_activation(builder_, wide, "hidden_act", "relu", module + ".activation");
}

ValueId MobileBert::layer(ValueId hidden, ValueId mask, const std::string& module) {
  const Inputs inputs = bottleneck(hidden, module + ".bottleneck");
  const std::string self = module + ".attention.self";
  const std::int64_t width = sizes_.thin;
  const std::int64_t value_width = sizes_.thin_attention ? sizes_.thin : sizes_.width;
  const QueryKeyValue projected{
      builder_.linear(inputs.attention.query, self + ".query", width, width),
      builder_.linear(inputs.attention.key, self + ".key", width, width),
      builder_.linear(inputs.attention.value, self + ".value", value_width, width)};
  const ValueId context = builder_.attend(projected, mask, sizes_.heads, self);
  ValueId attended = output_block(context, {width, width}, inputs.residual,
                                  module + ".attention.output", sizes_.epsilon);
  for (std::int64_t index = 0; index + 1 < sizes_.feed_forwards; ++index) {
    const std::string feed_forward = fmt::format("{}.ffn.{}", module, index);
    const ValueId wide = widen_feed_forward(attended, feed_forward + ".intermediate");
    attended = output_block(wide, {width, sizes_.intermediate}, attended, feed_forward + ".output",
                            sizes_.epsilon);
  }
  const ValueId wide = widen_feed_forward(attended, module + ".intermediate");
  const ValueId narrow = output_block(wide, {width, sizes_.intermediate}, attended,
                                      module + ".output", k_default_epsilon);
  if (!sizes_.bottleneck) return narrow;
  return output_block(narrow, {sizes_.width, width}, hidden, module + ".output.bottleneck",
                      sizes_.epsilon);
}

}  // namespace

BuiltModel build_mobilebert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "mobilebert.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  MobileBert model(builder, sizes);
  ValueId hidden = model.embeddings(input_ids, attention_mask);
  const ValueId mask = builder.additive_mask(attention_mask);
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden = model.layer(hidden, mask, fmt::format("mobilebert.encoder.layer.{}", index));
  }
  ValueId pooled = builder.first_token(hidden, "first_token");
  if (sizes.activates) {
    const ValueId dense =
        builder.linear(pooled, "mobilebert.pooler.dense", sizes.width, sizes.width);
    pooled = builder.op("Tanh", {dense}, "mobilebert.pooler.activation");
  }
  const ValueId logits = builder.linear(pooled, "classifier", sizes.width, classes);
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
