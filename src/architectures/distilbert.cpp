// DistilBERT (Sanh et al. 2019): BERT's layers under names of its own, without token types.
#include <fmt/format.h>

#include "architectures/activation.h"
#include "architectures/encoder_settings.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"vocab_", "qa_outputs."};
constexpr double k_epsilon = 1e-12;

struct Sizes {
  std::int64_t width, hidden, layers, positions, vocabulary;
  HeadSizes heads;
};

// The keys' names of other families mean the same.
Sizes read_sizes(Settings& settings) {
  expect_plain_encoder(settings);
  Sizes sizes{};
  sizes.width = settings.size("dim", settings.size("hidden_size", 768));
  sizes.hidden = settings.size("hidden_dim", 3072);
  sizes.layers = settings.size("n_layers", settings.size("num_hidden_layers", 6));
  sizes.heads = divide_heads(settings, sizes.width,
                             settings.size("n_heads", settings.size("num_attention_heads", 12)));
  sizes.positions = settings.size("max_position_embeddings", 512);
  sizes.vocabulary = settings.size("vocab_size", 30522);
  // How the position table was made; its values are saved.
  settings.flag("sinusoidal_pos_embds", false);
  return sizes;
}

ValueId embeddings(EncoderBuilder& builder, const Sizes& sizes, ValueId input_ids) {
  const std::string module = "distilbert.embeddings";
  const ValueId words =
      builder.lookup(module + ".word_embeddings", input_ids, sizes.vocabulary, sizes.width);
  const ValueId positions = builder.lookup(module + ".position_embeddings",
                                           counted_positions(builder, input_ids, sizes.positions),
                                           sizes.positions, sizes.width);
  return builder.layer_normalization(builder.add(words, positions, module + ".sum"),
                                     module + ".LayerNorm", sizes.width, k_epsilon);
}

ValueId layer(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden, ValueId mask,
              const std::string& module) {
  const std::string attention = module + ".attention";
  const std::int64_t width = sizes.width;
  const QueryKeyValue inputs{builder.linear(hidden, attention + ".q_lin", width, width),
                             builder.linear(hidden, attention + ".k_lin", width, width),
                             builder.linear(hidden, attention + ".v_lin", width, width)};
  const ValueId context = builder.attend(inputs, mask, sizes.heads, attention);
  const ValueId projected = builder.linear(context, attention + ".out_lin", width, width);
  const ValueId attended =
      builder.layer_normalization(builder.add(projected, hidden, attention + ".sum"),
                                  module + ".sa_layer_norm", width, k_epsilon);
  const ValueId wide = builder.linear(attended, module + ".ffn.lin1", width, sizes.hidden);
  const ValueId active =
      add_activation(builder, wide, "activation", "gelu", module + ".ffn.activation");
  const ValueId narrow = builder.linear(active, module + ".ffn.lin2", sizes.hidden, width);
  return builder.layer_normalization(builder.add(narrow, attended, module + ".sum"),
                                     module + ".output_layer_norm", width, k_epsilon);
}

}  // namespace

BuiltModel build_distilbert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "distilbert.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.width);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId mask = builder.additive_mask(builder.token_input("attention_mask"));
  ValueId hidden = embeddings(builder, sizes, input_ids);
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden =
        layer(builder, sizes, hidden, mask, fmt::format("distilbert.transformer.layer.{}", index));
  }
  const ValueId logits = classify_first_token(
      builder, hidden, {"pre_classifier", "relu", "classifier", sizes.width, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
