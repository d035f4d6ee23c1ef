#include "architectures/bert_encoder.h"

#include <fmt/format.h>

#include "architectures/activation.h"
#include "architectures/encoder_settings.h"
#include "architectures/positions.h"
#include "architectures/relative_key.h"

namespace hasten::architectures {
namespace {

ValueId self_attention(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
                       const BertContext& context, const std::string& module) {
  const std::int64_t width = sizes.heads.width();
  const auto project = [&](const char* part) {
    return builder.linear(hidden, module + part, sizes.hidden, width, sizes.attention_bias);
  };
  const QueryKeyValue inputs{project(".query"), project(".key"), project(".value")};
  if (sizes.has_absolute_positions()) {
    return builder.attend(inputs, context.mask, sizes.heads, module);
  }
  const RelativeKeys keys{sizes.heads, context.distances, sizes.positions,
                          sizes.position_kind == "relative_key_query"};
  return attend_with_relative_keys(builder, inputs, context.mask, keys, module);
}

// normalize(linear(x) + residual)
ValueId output_block(EncoderBuilder& builder, const BertSizes& sizes, ValueId input,
                     std::int64_t inputs, ValueId residual, const std::string& module) {
  const ValueId dense = builder.linear(input, module + ".dense", inputs, sizes.hidden);
  const ValueId sum = builder.add(dense, residual, module + ".sum");
  return builder.layer_normalization(sum, module + ".LayerNorm", sizes.hidden, sizes.epsilon);
}

}  // namespace

BertSizes read_bert_sizes(Settings& settings, const BertSizes& defaults) {
  expect_plain_encoder(settings);
  BertSizes sizes;
  sizes.hidden = settings.size("hidden_size", defaults.hidden);
  sizes.intermediate = settings.size("intermediate_size", defaults.intermediate);
  sizes.layers = settings.size("num_hidden_layers", defaults.layers);
  sizes.heads = divide_heads(settings, sizes.hidden,
                             settings.size("num_attention_heads", defaults.heads.heads));
  sizes.positions = settings.size("max_position_embeddings", defaults.positions);
  sizes.vocabulary = settings.size("vocab_size", defaults.vocabulary);
  sizes.types = settings.size("type_vocab_size", defaults.types);
  sizes.epsilon = settings.number("layer_norm_eps", defaults.epsilon);
  sizes.activation = defaults.activation;
  sizes.position_kind = settings.text("position_embedding_type", defaults.position_kind);
  if (sizes.position_kind != "absolute" && sizes.position_kind != "relative_key" &&
      sizes.position_kind != "relative_key_query") {
    settings.refuse("position_embedding_type", "absolute, relative_key, relative_key_query");
  }
  return sizes;
}

ValueId bert_embeddings(EncoderBuilder& builder, const BertSizes& sizes, const BertInputs& inputs,
                        std::int64_t width, const std::string& prefix) {
  const std::string module = prefix + "embeddings";
  ValueId words =
      builder.lookup(module + ".word_embeddings", inputs.input_ids, sizes.vocabulary, width);
  if (sizes.word_scale != 1) {
    words = builder.op("Mul", {words, builder.number(sizes.word_scale)}, module + ".scaled_words");
  }
  const std::string type_table = module + ".token_type_embeddings";
  const ValueId types = inputs.token_type_ids == graph::k_no_value
                            ? builder.table_row(type_table + ".weight", sizes.types, width, 0)
                            : builder.lookup(type_table, inputs.token_type_ids, sizes.types, width);
  ValueId sum = builder.add(words, types, module + ".words_and_types");
  if (sizes.has_absolute_positions()) {
    const ValueId positions =
        builder.lookup(module + ".position_embeddings", inputs.positions, sizes.positions, width);
    sum = builder.add(sum, positions, module + ".sum");
  } else {
    builder.weights().find(module + ".position_embeddings.weight");  // saved, but not added
  }
  return builder.layer_normalization(sum, module + ".LayerNorm", width, sizes.epsilon);
}

BertContext bert_context(EncoderBuilder& builder, const BertSizes& sizes, ValueId attention_mask,
                         ValueId input_ids) {
  BertContext context;
  context.mask = builder.additive_mask(attention_mask);
  if (!sizes.has_absolute_positions()) {
    context.distances =
        signed_distances(builder, counted_positions(builder, input_ids, sizes.positions));
  }
  return context;
}

ValueId bert_layer_output(EncoderBuilder& builder, const BertSizes& sizes, ValueId context,
                          ValueId hidden, const std::string& module) {
  const ValueId attended = output_block(builder, sizes, context, sizes.heads.width(), hidden,
                                        module + ".attention.output");
  const ValueId dense =
      builder.linear(attended, module + ".intermediate.dense", sizes.hidden, sizes.intermediate);
  const ValueId active = add_activation(builder, dense, "hidden_act", sizes.activation,
                                        module + ".intermediate.activation");
  return output_block(builder, sizes, active, sizes.intermediate, attended, module + ".output");
}

ValueId bert_layers(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
                    const BertContext& context, const std::string& prefix) {
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    const std::string module = fmt::format("{}encoder.layer.{}", prefix, index);
    const ValueId attended =
        self_attention(builder, sizes, hidden, context, module + ".attention.self");
    hidden = bert_layer_output(builder, sizes, attended, hidden, module);
  }
  return hidden;
}

}  // namespace hasten::architectures
