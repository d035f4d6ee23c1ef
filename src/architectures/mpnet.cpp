// MPNet (Song et al. 2020): BERT's layers with positions as RoBERTa's and a bias for each distance,
// in buckets as T5's, that all layers share.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "architectures/activation.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"lm_head.", "mpnet.pooler.", "pooler."};
constexpr std::int64_t k_pad_id = 1;    // fixed, whatever the config says
constexpr std::int64_t k_buckets = 32;  // the same
constexpr std::int64_t k_largest_distance = 128;

struct Sizes {
  std::int64_t width, intermediate, layers, positions, vocabulary, buckets;
  HeadSizes heads;
  double epsilon;
};

Sizes read_sizes(Settings& settings) {
  expect_plain_encoder(settings);
  Sizes sizes{};
  sizes.width = settings.size("hidden_size", 768);
  sizes.intermediate = settings.size("intermediate_size", 3072);
  sizes.layers = settings.size("num_hidden_layers", 12);
  sizes.heads = divide_heads(settings, sizes.width, settings.size("num_attention_heads", 12));
  sizes.positions = settings.size("max_position_embeddings", 512, k_pad_id + 2);
  sizes.vocabulary = settings.size("vocab_size", 30527);
  sizes.buckets = settings.size("relative_attention_num_buckets", k_buckets);
  sizes.epsilon = settings.number("layer_norm_eps", 1e-12);
  if (sizes.buckets < k_buckets) {
    settings.refuse("relative_attention_num_buckets", fmt::format("{} and more", k_buckets));
  }
  return sizes;
}

// The bucket of key position - query position, in float32 as transformers computes it.
std::int64_t bucket_of(std::int64_t key_minus_query) {
  constexpr std::int64_t k_half = k_buckets / 2;
  constexpr std::int64_t k_exact = k_half / 2;
  const std::int64_t base = key_minus_query > 0 ? k_half : 0;
  const std::int64_t distance = std::abs(key_minus_query);
  if (distance < k_exact) return base + distance;
  const float share =
      std::log(static_cast<float>(distance) / static_cast<float>(k_exact)) /
      static_cast<float>(std::log(static_cast<double>(k_largest_distance) / k_exact));
  const auto large =
      k_exact + static_cast<std::int64_t>(share * static_cast<float>(k_half - k_exact));
  return base + std::min(large, k_half - 1);
}

// What is added to the scores: [1, heads, length, length].
ValueId position_bias(EncoderBuilder& builder, const Sizes& sizes, ValueId input_ids) {
  const std::string module = "mpnet.encoder.relative_attention_bias";
  const std::int64_t limit = sizes.positions - k_pad_id - 1;
  std::vector<std::int64_t> by_distance;
  for (std::int64_t distance = 1 - limit; distance < limit; ++distance) {
    by_distance.push_back(bucket_of(-distance));
  }
  const ValueId distances = signed_distances(builder, counted_positions(builder, input_ids, limit));
  const ValueId buckets =
      distance_buckets(builder, distances, std::move(by_distance), module + ".buckets");
  const ValueId found = builder.lookup(module, buckets, sizes.buckets, sizes.heads.heads);
  const ValueId by_head = builder.op("Transpose", {found}, module + ".by_head",
                                     {{"perm", std::vector<std::int64_t>{2, 0, 1}}});
  return builder.op("Unsqueeze", {by_head, builder.integers({0})}, module + ".bias");
}

ValueId embeddings(EncoderBuilder& builder, const Sizes& sizes, ValueId input_ids) {
  const std::string module = "mpnet.embeddings";
  const ValueId words =
      builder.lookup(module + ".word_embeddings", input_ids, sizes.vocabulary, sizes.width);
  const ValueId positions =
      builder.lookup(module + ".position_embeddings",
                     padded_positions(builder, input_ids, k_pad_id), sizes.positions, sizes.width);
  return builder.layer_normalization(builder.add(words, positions, module + ".sum"),
                                     module + ".LayerNorm", sizes.width, sizes.epsilon);
}

struct Context {
  ValueId mask, bias;
};

ValueId self_attention(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden,
                       const Context& context, const std::string& module) {
  const std::int64_t width = sizes.width;
  const ValueId query = builder.split_heads(builder.linear(hidden, module + ".q", width, width),
                                            sizes.heads, module + ".query");
  const ValueId key = builder.split_heads(builder.linear(hidden, module + ".k", width, width),
                                          sizes.heads, module + ".key");
  const ValueId value = builder.split_heads(builder.linear(hidden, module + ".v", width, width),
                                            sizes.heads, module + ".value");
  const ValueId scores = builder.add(builder.scaled_scores(query, key, sizes.heads, module),
                                     context.bias, module + ".biased_scores");
  const ValueId attended =
      builder.weighted_values(scores, context.mask, value, sizes.heads, module);
  return builder.linear(attended, module + ".o", width, width);
}

ValueId layer(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden, const Context& context,
              const std::string& module) {
  const ValueId projected =
      self_attention(builder, sizes, hidden, context, module + ".attention.attn");
  const ValueId attended =
      builder.layer_normalization(builder.add(projected, hidden, module + ".attention.sum"),
                                  module + ".attention.LayerNorm", sizes.width, sizes.epsilon);
  const ValueId wide =
      builder.linear(attended, module + ".intermediate.dense", sizes.width, sizes.intermediate);
  const ValueId active =
      add_activation(builder, wide, "hidden_act", "gelu", module + ".intermediate.activation");
  const ValueId narrow =
      builder.linear(active, module + ".output.dense", sizes.intermediate, sizes.width);
  return builder.layer_normalization(builder.add(narrow, attended, module + ".output.sum"),
                                     module + ".output.LayerNorm", sizes.width, sizes.epsilon);
}

}  // namespace

BuiltModel build_mpnet(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "mpnet.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.out_proj.weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  ValueId hidden = embeddings(builder, sizes, input_ids);
  const Context context{builder.additive_mask(attention_mask),
                        position_bias(builder, sizes, input_ids)};
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden = layer(builder, sizes, hidden, context, fmt::format("mpnet.encoder.layer.{}", index));
  }
  const ValueId logits = classify_first_token(
      builder, hidden, {"classifier.dense", "tanh", "classifier.out_proj", sizes.width, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions - k_pad_id - 1};
}

}  // namespace hasten::architectures
