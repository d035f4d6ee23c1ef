// ALBERT (Lan et al. 2019): BERT's layers, shared within groups, over narrow embeddings.
#include <fmt/format.h>

#include "architectures/activation.h"
#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"
#include "architectures/relative_key.h"
#include "base/error.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"predictions.", "sop_classifier."};

struct Groups {
  std::int64_t groups, layers_within;
};

Groups read_groups(Settings& settings, const BertSizes& sizes) {
  const Groups groups{settings.size("num_hidden_groups", 1), settings.size("inner_group_num", 1)};
  if (groups.groups > sizes.layers) {
    fail(ErrorCode::k_malformed,
         fmt::format("{} layers cannot be divided among {} groups", sizes.layers, groups.groups),
         settings.where(), "the file is damaged",
         "Use the config.json that was saved with the weights.");
  }
  return groups;
}

ValueId attention(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
                  const BertContext& context, const std::string& module) {
  const std::int64_t width = sizes.hidden;
  const QueryKeyValue inputs{builder.linear(hidden, module + ".query", width, width),
                             builder.linear(hidden, module + ".key", width, width),
                             builder.linear(hidden, module + ".value", width, width)};
  ValueId attended;
  if (sizes.has_absolute_positions()) {
    attended = builder.attend(inputs, context.mask, sizes.heads, module);
  } else {
    RelativeKeys keys{sizes.heads, context.distances, sizes.positions};
    keys.with_query = sizes.position_kind == "relative_key_query";
    keys.scaled = false;
    attended = attend_with_relative_keys(builder, inputs, context.mask, keys, module);
  }
  const ValueId dense = builder.linear(attended, module + ".dense", width, width);
  return builder.layer_normalization(builder.add(hidden, dense, module + ".sum"),
                                     module + ".LayerNorm", width, sizes.epsilon);
}

ValueId layer(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
              const BertContext& context, const std::string& module) {
  const ValueId attended = attention(builder, sizes, hidden, context, module + ".attention");
  const ValueId wide = builder.linear(attended, module + ".ffn", sizes.hidden, sizes.intermediate);
  const ValueId active =
      add_activation(builder, wide, "hidden_act", "gelu_new", module + ".activation");
  const ValueId narrow =
      builder.linear(active, module + ".ffn_output", sizes.intermediate, sizes.hidden);
  return builder.layer_normalization(builder.add(narrow, attended, module + ".sum"),
                                     module + ".full_layer_layer_norm", sizes.hidden,
                                     sizes.epsilon);
}

ValueId encoder(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
                const BertContext& context) {
  const Groups groups = read_groups(builder.settings(), sizes);
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    const std::int64_t group = index * groups.groups / sizes.layers;
    for (std::int64_t within = 0; within < groups.layers_within; ++within) {
      hidden = layer(
          builder, sizes, hidden, context,
          fmt::format("albert.encoder.albert_layer_groups.{}.albert_layers.{}", group, within));
    }
  }
  return hidden;
}

}  // namespace

BuiltModel build_albert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "albert.");
  const BertSizes sizes = read_bert_sizes(
      builder.settings(),
      {.hidden = 4096, .intermediate = 16384, .heads = {64, 64}, .vocabulary = 30000});
  const std::int64_t embedding = builder.settings().size("embedding_size", 128);
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId token_type_ids = builder.token_input("token_type_ids");

  const ValueId positions = sizes.has_absolute_positions()
                                ? counted_positions(builder, input_ids, sizes.positions)
                                : graph::k_no_value;
  ValueId hidden =
      bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions}, embedding, "albert.");
  hidden =
      builder.linear(hidden, "albert.encoder.embedding_hidden_mapping_in", embedding, sizes.hidden);
  hidden = encoder(builder, sizes, hidden, bert_context(builder, sizes, attention_mask, input_ids));
  const ValueId logits = classify_first_token(
      builder, hidden, {"albert.pooler", "tanh", "classifier", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
