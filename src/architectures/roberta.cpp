// RoBERTa (Liu et al. 2019), and with it XLM-RoBERTa, CamemBERT and BERTweet, which differ in their
// vocabularies alone: BERT's layers, positions that are counted from the padding token's id on.
#include "architectures/bert_encoder.h"
#include "architectures/families.h"
#include "architectures/first_token_head.h"
#include "architectures/positions.h"
#include "base/error.h"

namespace hasten::architectures {
namespace {

constexpr std::string_view k_leftovers[] = {"lm_head.", "roberta.pooler.", "pooler."};

}  // namespace

BuiltModel build_roberta(const checkpoint::Checkpoint& checkpoint) {
  EncoderBuilder builder(checkpoint, "roberta.");
  const BertSizes sizes = read_bert_sizes(builder.settings(), {.vocabulary = 50265});
  const std::int64_t pad_id = builder.settings().integer("pad_token_id", 1);
  const std::int64_t limit = sizes.positions - pad_id - 1;
  if (pad_id < 0 || limit < 1) {
    fail(ErrorCode::k_malformed, "pad_token_id leaves no positions for tokens",
         builder.settings().where(), "the file is damaged",
         "Use the config.json that was saved with the weights.");
  }
  const std::int64_t classes = builder.class_count("classifier.out_proj.weight", sizes.hidden);
  const ValueId input_ids = builder.token_input("input_ids");
  const ValueId attention_mask = builder.token_input("attention_mask");

  const ValueId positions = sizes.has_absolute_positions()
                                ? padded_positions(builder, input_ids, pad_id)
                                : graph::k_no_value;
  ValueId hidden = bert_embeddings(builder, sizes, {input_ids, graph::k_no_value, positions},
                                   sizes.hidden, "roberta.");
  const BertContext context = bert_context(builder, sizes, attention_mask, input_ids);
  hidden = bert_layers(builder, sizes, hidden, context, "roberta.");
  const ValueId logits = classify_first_token(
      builder, hidden, {"classifier.dense", "tanh", "classifier.out_proj", sizes.hidden, classes});
  return {builder.finish(logits, classes, k_leftovers), classes, limit};
}

}  // namespace hasten::architectures
