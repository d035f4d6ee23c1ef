// ELECTRA (Clark et al. 2020): BERT's layers over embeddings of another width.
#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"discriminator_predictions.", "generator_predictions.",
                                            "generator_lm_head."};

}  // namespace

BuiltModel build_electra(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "electra.");
  const BertSizes sizes =
      read_bert_sizes(builder.settings(), {.hidden = 256, .intermediate = 1024, .heads = {4, 64}});
  const std::int64_t embedding = builder.settings().size("embedding_size", 128);
  const std::int64_t classes = builder.class_count("classifier.out_proj.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId token_type_ids = builder.token_input("token_type_ids");

  const ValueId positions = sizes.has_absolute_positions()
                                ? counted_positions(builder, input_ids, sizes.positions)
                                : graph::k_no_value;
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions},
                                   embedding, "electra.");
  if (embedding != sizes.hidden) {
    hidden = builder.linear(hidden, "electra.embeddings_project", embedding, sizes.hidden);
  }
  const BertContext context = bert_context(builder, sizes, attention_mask, input_ids);
  hidden = bert_layers(builder, sizes, hidden, context, "electra.");
  const ValueId logits = classify_first_token(
      builder, hidden, {"classifier.dense", "gelu", "classifier.out_proj", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
