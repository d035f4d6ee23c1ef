// RemBERT (Chung et al. 2020): BERT's layers over narrow embeddings that are projected once.
#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"cls."};

}  // namespace

BuiltModel build_rembert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "rembert.");
  Settings& settings = builder.settings();
  const BertSizes sizes = read_bert_sizes(settings, {.hidden = 1152,
                                                     .intermediate = 4608,
                                                     .layers = 32,
                                                     .heads = {18, 64},
                                                     .vocabulary = 250300});
  if (!sizes.has_absolute_positions()) settings.refuse("position_embedding_type", "absolute");
  const std::int64_t embedding = settings.size("input_embedding_size", 256);
  settings.size("output_embedding_size", 1664);  // of the pre-training head
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId token_type_ids = builder.token_input("token_type_ids");

  const ValueId positions = counted_positions(builder, input_ids, sizes.positions);
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions},
                                   embedding, "rembert.");
  hidden = builder.linear(hidden, "rembert.encoder.embedding_hidden_mapping_in", embedding,
                          sizes.hidden);
  const BertContext context = bert_context(builder, sizes, attention_mask, input_ids);
  hidden = bert_layers(builder, sizes, hidden, context, "rembert.");
  const ValueId logits = classify_first_token(
      builder, hidden, {"rembert.pooler.dense", "tanh", "classifier", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
