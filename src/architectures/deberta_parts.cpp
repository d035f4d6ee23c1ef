#include "architectures/deberta_parts.h"

#include "architectures/activation.h"
#include "architectures/encoder_settings.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

// "c2p|p2c" or ["c2p", "p2c"]
std::string read_list(const Json& json, std::string_view key) {
  if (json.is_null()) return {};
  if (!json.is_array()) return json.as_string(key);
  std::string out;
  for (const Json& entry : json.as_array(key)) out += entry.as_string(key) + "|";
  return out;
}

DisentangledSettings read_attention(Settings& settings, std::int64_t positions) {
  DisentangledSettings attention;
  const std::string kinds = read_list(settings.value("pos_att_type"), "pos_att_type");
  attention.content_to_position = kinds.find("c2p") != kinds.npos;
  attention.position_to_content = kinds.find("p2c") != kinds.npos;
  if (kinds.find("p2p") != kinds.npos) settings.refuse("pos_att_type", "c2p, p2c");
  attention.largest_distance = settings.integer("max_relative_positions", -1);
  if (attention.largest_distance < 1) attention.largest_distance = positions;
  attention.span = attention.largest_distance;
  return attention;
}

}  // namespace

DebertaSizes read_deberta_sizes(Settings& settings, const DebertaDefaults& defaults) {
  expect_plain_encoder(settings);
  DebertaSizes sizes{};
  sizes.width = settings.size("hidden_size", defaults.width);
  sizes.embedding = settings.size("embedding_size", sizes.width);
  sizes.intermediate = settings.size("intermediate_size", defaults.intermediate);
  sizes.layers = settings.size("num_hidden_layers", defaults.layers);
  sizes.heads =
      divide_heads(settings, sizes.width, settings.size("num_attention_heads", defaults.heads));
  sizes.positions = settings.size("max_position_embeddings", 512);
  sizes.vocabulary = settings.size("vocab_size", defaults.vocabulary);
  sizes.types = settings.size("type_vocab_size", 0, 0);
  sizes.epsilon = settings.number("layer_norm_eps", 1e-7);
  sizes.adds_positions = settings.flag("position_biased_input", true);
  sizes.relative = settings.flag("relative_attention", false);
  sizes.attention = read_attention(settings, sizes.positions);
  if (settings.size("pooler_hidden_size", sizes.width) != sizes.width) {
    settings.refuse("pooler_hidden_size", "hidden_size");
  }
  return sizes;
}

ValueId deberta_embeddings(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId input_ids) {
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

ValueId deberta_rows(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId input_ids) {
  const ValueId distances =
      signed_distances(builder, counted_positions(builder, input_ids, sizes.positions));
  return distance_buckets(builder, distances, disentangled_rows(sizes.attention, sizes.positions),
                          "deberta.encoder.relative_rows");
}

ValueId deberta_layer(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId hidden,
                      ValueId mask, const DebertaAttention& attention, const std::string& module) {
  const ValueId context = builder.weighted_values(attention.scores, mask, attention.values,
                                                  sizes.heads, module + ".attention.self");
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

ValueId deberta_logits(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId hidden,
                       std::int64_t classes) {
  const std::string activation = read_activation(builder.settings(), "pooler_hidden_act", "gelu");
  return classify_first_token(builder, hidden,
                              {"pooler.dense", activation, "classifier", sizes.width, classes});
}

}  // namespace hasten::architectures
