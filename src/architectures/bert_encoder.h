// The stack of post-normalised layers of BERT (Devlin et al. 2018), which RoBERTa, ELECTRA and
// others share name by name.
#pragma once

#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

// What config.json says about such a stack; the values here are BERT's, where it says nothing.
struct BertSizes {
  std::int64_t hidden = 768;
  std::int64_t intermediate = 3072;
  std::int64_t layers = 12;
  HeadSizes heads = {12, 64};
  std::int64_t positions = 512;  // rows of the position table
  std::int64_t vocabulary = 30522;
  std::int64_t types = 2;  // rows of the token type table
  double epsilon = 1e-12;
  std::string position_kind = "absolute";  // or "relative_key", "relative_key_query"
  std::string activation = "gelu";         // where hidden_act is missing
  bool attention_bias = true;              // of query, key and value
  double word_scale = 1;                   // of the word table's rows

  bool has_absolute_positions() const { return position_kind == "absolute"; }
};

// Reads BERT's keys, `defaults` standing for those that are missing; refuses what is no plain
// encoder.
BertSizes read_bert_sizes(Settings& settings, const BertSizes& defaults = {});

// k_no_value for token_type_ids means that all are 0, for positions that there is no such table.
struct BertInputs {
  ValueId input_ids, token_type_ids, positions;
};

// The sum of token, type and position embeddings, normalised; `width` is the tables'. `prefix` ends
// with a dot: "bert.".
ValueId bert_embeddings(EncoderBuilder& builder, const BertSizes& sizes, const BertInputs& inputs,
                        std::int64_t width, const std::string& prefix);

// What every layer reads beside the hidden state.
struct BertContext {
  ValueId mask = graph::k_no_value;       // additive
  ValueId distances = graph::k_no_value;  // for relative positions, see relative_key.h
};
BertContext bert_context(EncoderBuilder& builder, const BertSizes& sizes, ValueId attention_mask,
                         ValueId input_ids);

// One layer from its attention's context on; `module` is "bert.encoder.layer.N".
ValueId bert_layer_output(EncoderBuilder& builder, const BertSizes& sizes, ValueId context,
                          ValueId hidden, const std::string& module);

// All layers over `hidden`.
ValueId bert_layers(EncoderBuilder& builder, const BertSizes& sizes, ValueId hidden,
                    const BertContext& context, const std::string& prefix);

}  // namespace hasten::architectures
