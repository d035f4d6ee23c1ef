#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"

namespace hasten::architectures {
namespace {

// Pre-training heads, which fine-tuning leaves in some files.
constexpr std::string_view k_leftovers[] = {"cls."};

}  // namespace

BuiltModel build_bert(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "bert.");
  const BertSizes sizes = read_bert_sizes(builder.settings());
  const std::int64_t classes = builder.class_count("classifier.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");
  const ValueId token_type_ids = builder.token_input("token_type_ids");

  const ValueId positions = sizes.has_absolute_positions()
                                ? counted_positions(builder, input_ids, sizes.positions)
                                : graph::k_no_value;
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, token_type_ids, positions},
                                   sizes.hidden, "bert.");
  const BertContext context = bert_context(builder, sizes, attention_mask, input_ids);
  hidden = bert_layers(builder, sizes, hidden, context, "bert.");
  const ValueId logits = classify_first_token(
      builder, hidden, {"bert.pooler.dense", "tanh", "classifier", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, sizes.positions};
}

}  // namespace hasten::architectures
