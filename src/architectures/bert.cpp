#include "architectures/families.h"

#include "architectures/activation.h"
#include "architectures/bert_encoder.h"

namespace hasten::architectures {
namespace {

// Pre-training heads, which fine-tuning leaves in some files.
constexpr std::string_view k_leftovers[] = {"cls.", "lm_head."};

}  // namespace

// logits = classifier(tanh(pooler(first token)))
BuiltModel build_bert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "bert.");
  const BertSizes sizes = read_bert_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId token_type_ids = builder.token_input("token_type_ids");

  const ValueId positions = sizes.has_absolute_positions()
                                ? builder.positions(input_ids, sizes.positions)
                                : graph::k_no_value;
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions},
                                   sizes.hidden, "bert.");
  const BertContext context = bert_context(builder, sizes, attention_mask, input_ids);
  hidden = bert_layers(builder, sizes, hidden, context, "bert.");

  const ValueId first = builder.first_token(hidden, "bert.pooler.first_token");
  const ValueId dense = builder.linear(first, "bert.pooler.dense", sizes.hidden, sizes.hidden);
  const ValueId pooled = add_named_activation(builder, dense, "tanh", "bert.pooler.activation");
  const ValueId logits = builder.linear(pooled, "classifier", sizes.hidden, classes);
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
