#include "architectures/bert_encoder.h"

#include <fmt/format.h>

#include "architectures/activation.h"
#include "architectures/relative_key.h"
#include "base/error.h"

namespace hasten::architectures {
namespace {

ValueId self_attention(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
                       const BertContext& context, const std::string& module) {
  const std::int64_t width = sizes.heads.width();
  const QueryKeyValue inputs{builder.linear(hidden, module + ".query", sizes.hidden, width),
                             builder.linear(hidden, module + ".key", sizes.hidden, width),
                             builder.linear(hidden, module + ".value", sizes.hidden, width)};
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

ValueId layer(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
              const BertContext& context, const std::string& module) {
  const ValueId attention =
      self_attention(builder, sizes, hidden, context, module + ".attention.self");
  const ValueId attended = output_block(builder, sizes, attention, sizes.heads.width(), hidden,
                                        module + ".attention.output");
  const ValueId dense =
      builder.linear(attended, module + ".intermediate.dense", sizes.hidden, sizes.intermediate);
  const ValueId active =
      add_activation(builder, dense, "hidden_act", "gelu", module + ".intermediate.activation");
  return output_block(builder, sizes, active, sizes.intermediate, attended, module + ".output");
}

}  // namespace

BertSizes read_bert_sizes(Settings& settings) {
  settings.expect_off("is_decoder", "a decoder attends to the left only, which is not built here");
  settings.expect_off("add_cross_attention", "cross-attention needs a second text encoder");
  settings.expect_off("is_encoder_decoder", "only encoders are built here");
  settings.expect_off("pruned_heads", "layers with heads cut out are not built here");
  BertSizes sizes;
  sizes.hidden = settings.size("hidden_size", 768);
  sizes.intermediate = settings.size("intermediate_size", 3072);
  sizes.layers = settings.size("num_hidden_layers", 12);
  sizes.heads.heads = settings.size("num_attention_heads", 12);
  sizes.heads.head_size = sizes.hidden / sizes.heads.heads;
  if (sizes.hidden % sizes.heads.heads != 0) {
    fail(ErrorCode::k_malformed,
         fmt::format("hidden_size {} is not a multiple of num_attention_heads {}", sizes.hidden,
                     sizes.heads.heads),
         settings.where(), "the file is damaged",
         "Use the config.json that was saved with the weights.");
  }
  sizes.positions = settings.size("max_position_embeddings", 512);
  sizes.vocabulary = settings.size("vocab_size", 30522);
  sizes.types = settings.size("type_vocab_size", 2);
  sizes.epsilon = settings.number("layer_norm_eps", 1e-12);
  sizes.position_kind = settings.text("position_embedding_type", "absolute");
  if (sizes.position_kind != "absolute" && sizes.position_kind != "relative_key" &&
      sizes.position_kind != "relative_key_query") {
    settings.refuse("position_embedding_type", "absolute, relative_key, relative_key_query");
  }
  return sizes;
}

ValueId bert_embeddings(EncoderBuilder& builder, const BertSizes& sizes, const BertInputs& inputs,
                        std::int64_t width, const std::string& prefix) {
  const std::string module = prefix + "embeddings";
  const ValueId words =
      builder.lookup(module + ".word_embeddings", inputs.input_ids, sizes.vocabulary, width);
  const ValueId types =
      builder.lookup(module + ".token_type_embeddings", inputs.token_type_ids, sizes.types, width);
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
    const ValueId positions = builder.positions(input_ids, sizes.positions);
    context.distances = relative_distances(builder, positions, sizes.positions);
  }
  return context;
}

ValueId bert_layers(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
                    const BertContext& context, const std::string& prefix) {
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden =
        layer(builder, sizes, hidden, context, fmt::format("{}encoder.layer.{}", prefix, index));
  }
  return hidden;
}

}  // namespace hasten::architectures
