// BigBird (Zaheer et al. 2020) up to the length at which its attention becomes sparse: until there
// it is BERT with RoBERTa's head.
#include <algorithm>
#include <cmath>

#include "architectures/activation.h"
#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"cls.", "bert.pooler."};
constexpr std::string_view k_activation = "gelu_new";

// The longest text that transformers computes with full attention.
std::int64_t full_attention_limit(Settings& settings, std::int64_t positions) {
  const std::string kind = settings.text("attention_type", "block_sparse");
  const std::int64_t block = settings.size("block_size", 64);
  const std::int64_t random_blocks = settings.size("num_random_blocks", 3, 0);
  if (kind == "original_full") return positions;
  if (kind != "block_sparse") settings.refuse("attention_type", "block_sparse, original_full");
  return std::min(positions, (5 + 2 * random_blocks) * block);
}

}  // namespace

BuiltModel build_big_bird(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "bert.");
  Settings& settings = builder.settings();
  BertSizes sizes = read_bert_sizes(
      settings, {.positions = 4096, .vocabulary = 50358, .activation = std::string(k_activation)});
  if (!sizes.has_absolute_positions()) settings.refuse("position_embedding_type", "absolute");
  sizes.attention_bias = settings.flag("use_bias", true);
  if (settings.flag("rescale_embeddings", false)) {
    sizes.word_scale = std::sqrt(static_cast<double>(sizes.hidden));
  }
  const std::int64_t limit = full_attention_limit(settings, sizes.positions);
  const std::int64_t classes = builder.class_count("classifier.out_proj.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId positions = counted_positions(builder, input_ids, limit);
  // Its tokenizers give no token types.
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, graph::k_no_value, positions},
                                   sizes.hidden, "bert.");
  const BertContext context = bert_context(builder, sizes, attention_mask, input_ids);
  hidden = bert_layers(builder, sizes, hidden, context, "bert.");
  const std::string activation = read_activation(settings, "hidden_act", k_activation);
  const ValueId logits = classify_first_token(
      builder, hidden,
      {"classifier.dense", activation, "classifier.out_proj", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, limit};
}

}  // namespace hasten::architectures
