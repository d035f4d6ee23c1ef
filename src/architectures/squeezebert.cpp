// SqueezeBERT (Iandola et al. 2020): BERT whose linear layers are grouped convolutions of width
// one.
#include <fmt/format.h>

#include "architectures/activation.h"
#include "architectures/bert_encoder.h"
#include "architectures/block_diagonal.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"cls."};
constexpr double k_layer_epsilon = 1e-12;  // whatever the config says

// normalize(convolution(x) + residual)
ValueId output_block(EncoderBuilder& builder, const BertSizes& sizes, ValueId input,
                     std::int64_t inputs, ValueId residual, const std::string& module,
                     const GroupSetting& groups) {
  const ValueId dense =
      grouped_linear(builder, input, module + ".conv1d", {sizes.hidden, inputs}, groups);
  return builder.layer_normalization(builder.add(dense, residual, module + ".sum"),
                                     module + ".layernorm", sizes.hidden, k_layer_epsilon);
}

ValueId layer(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden, ValueId mask,
              const std::string& module) {
  const std::string attention = module + ".attention";
  const Dims square = {sizes.hidden, sizes.hidden};
  const QueryKeyValue inputs{
      grouped_linear(builder, hidden, attention + ".query", square, {"q_groups", 4}),
      grouped_linear(builder, hidden, attention + ".key", square, {"k_groups", 4}),
      grouped_linear(builder, hidden, attention + ".value", square, {"v_groups", 4})};
  const ValueId context = builder.attend(inputs, mask, sizes.heads, attention);
  const ValueId attended = output_block(builder, sizes, context, sizes.hidden, hidden,
                                        module + ".post_attention", {"post_attention_groups", 1});
  const ValueId wide =
      grouped_linear(builder, attended, module + ".intermediate.conv1d",
                     {sizes.intermediate, sizes.hidden}, {"intermediate_groups", 4});
  const ValueId active =
      add_activation(builder, wide, "hidden_act", "gelu", module + ".intermediate.activation");
  return output_block(builder, sizes, active, sizes.intermediate, attended, module + ".output",
                      {"output_groups", 4});
}

BertSizes read_sizes(Settings& settings) {
  BertSizes sizes = read_bert_sizes(settings);
  if (!sizes.has_absolute_positions()) settings.refuse("position_embedding_type", "absolute");
  if (settings.size("embedding_size", 768) != sizes.hidden) {
    settings.refuse("embedding_size", "hidden_size");
  }
  return sizes;
}

}  // namespace

BuiltModel build_squeezebert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "transformer.");
  const BertSizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId mask = builder.additive_mask(builder.token_input("attention_mask"));
  const ValueId token_type_ids = builder.token_input("token_type_ids");
  const ValueId positions = counted_positions(builder, input_ids, sizes.positions);
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions},
                                   sizes.hidden, "transformer.");
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    hidden =
        layer(builder, sizes, hidden, mask, fmt::format("transformer.encoder.layers.{}", index));
  }
  const ValueId logits = classify_first_token(
      builder, hidden, {"transformer.pooler.dense", "tanh", "classifier", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
