// Nystromformer (Xiong et al. 2021) where its landmarks are as many as its segments, as in the
// published models: then its attention is BERT's, with a convolution of the values added.
#include <fmt/format.h>

#include "architectures/activation.h"
#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/masked_tokens.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"cls."};
constexpr std::int64_t k_first_position = 2;
constexpr std::string_view k_activation = "gelu_new";

struct Sizes : BertSizes {
  std::int64_t kernel;  // 0: no convolution
};

Sizes read_sizes(Settings& settings) {
  Sizes sizes{read_bert_sizes(settings, {.positions = 510,
                                         .vocabulary = 30000,
                                         .epsilon = 1e-5,
                                         .activation = std::string(k_activation)}),
              0};
  if (!sizes.has_absolute_positions()) settings.refuse("position_embedding_type", "absolute");
  sizes.positions += k_first_position;
  const bool without =
      settings.contains("conv_kernel_size") && settings.value("conv_kernel_size").is_null();
  if (!without) sizes.kernel = settings.size("conv_kernel_size", 65);
  if (!without && sizes.kernel % 2 == 0) settings.refuse("conv_kernel_size", "odd numbers");
  if (settings.size("num_landmarks", 64) != settings.size("segment_means_seq_len", 64)) {
    settings.refuse("num_landmarks", "segment_means_seq_len, with which attention is exact");
  }
  return sizes;
}

ValueId attend(EncoderBuilder& builder, const Sizes& sizes, ValueId hidden, ValueId mask,
               ValueId kept, const std::string& module) {
  const HeadSizes& heads = sizes.heads;
  const auto project = [&](const std::string& part) {
    const ValueId projected =
        builder.linear(hidden, module + "." + part, sizes.hidden, heads.width());
    return builder.split_heads(projected, heads, module + ".split_" + part);
  };
  const ValueId query = project("query"), key = project("key"), value = project("value");
  const ValueId scores = builder.scaled_scores(query, key, heads, module);
  const ValueId context = builder.weighted_values(scores, mask, value, heads, module);
  if (sizes.kernel == 0) return context;
  // [batch, heads, length, head_size], each head along the length with a kernel of its own.
  const ValueId tokens = builder.op("Mul", {value, kept}, module + ".kept_values");
  const std::int64_t reach = sizes.kernel / 2;
  const ValueId kernels =
      builder.tensor(module + ".conv.weight", {heads.heads, 1, sizes.kernel, 1});
  const ValueId convolved =
      builder.op("Conv", {tokens, kernels}, module + ".conv",
                 {{"group", heads.heads}, {"pads", std::vector<std::int64_t>{reach, 0, reach, 0}}});
  const ValueId merged = builder.merge_heads(convolved, heads, module + ".convolved");
  return builder.add(context, merged, module + ".context_and_convolved");
}

}  // namespace

BuiltModel build_nystromformer(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "nystromformer.");
  const Sizes sizes = read_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.out_proj.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId token_type_ids = builder.token_input("token_type_ids");
  const std::int64_t limit = sizes.positions - k_first_position;
  const ValueId positions =
      builder.add(counted_positions(builder, input_ids, limit), builder.integer(k_first_position),
                  "embeddings.shifted_positions");
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions},
                                   sizes.hidden, "nystromformer.");
  const ValueId mask = builder.additive_mask(attention_mask);
  const ValueId kept =
      builder.op("Unsqueeze", {kept_tokens(builder, attention_mask), builder.integers({1})},
                 "attention_mask.kept_by_head");
  for (std::int64_t index = 0; index < sizes.layers; ++index) {
    const std::string module = fmt::format("nystromformer.encoder.layer.{}", index);
    const ValueId context = attend(builder, sizes, hidden, mask, kept, module + ".attention.self");
    hidden = bert_layer_output(builder, sizes, context, hidden, module);
  }
  const std::string activation = read_activation(builder.settings(), "hidden_act", k_activation);
  const ValueId logits = classify_first_token(
      builder, hidden,
      {"classifier.dense", activation, "classifier.out_proj", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, limit};
}

}  // namespace hasten::architectures
