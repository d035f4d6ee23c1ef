// What DeBERTa v1, v2 and v3 have in common: sizes, embeddings, the layer around its attention.
#pragma once

#include <string>

#include "architectures/disentangled_attention.h"
#include "architectures/encoder_builder.h"

namespace hasten::architectures {

struct DebertaSizes {
  std::int64_t width, embedding, intermediate, layers, positions, vocabulary, types;
  HeadSizes heads;
  double epsilon;
  bool adds_positions;  // to the embeddings
  bool relative;
  DisentangledSettings attention;
};

// The values that stand for missing keys.
struct DebertaDefaults {
  std::int64_t width, intermediate, layers, heads, vocabulary;
};

// `attention.buckets` is left 0 and its span the largest distance.
DebertaSizes read_deberta_sizes(Settings& settings, const DebertaDefaults& defaults);

// The normalised sum of the embeddings; makes the input token_type_ids where there are types.
ValueId deberta_embeddings(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId input_ids);

// Table rows for query l and key r: int64 [length, length].
ValueId deberta_rows(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId input_ids);

// What one layer's attention gives: scores before the mask, values split into heads.
struct DebertaAttention {
  ValueId scores, values;
};

// A layer from its attention on; `module` is "deberta.encoder.layer.N".
ValueId deberta_layer(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId hidden,
                      ValueId mask, const DebertaAttention& attention, const std::string& module);

// The logits of the first token.
ValueId deberta_logits(EncoderBuilder& builder, const DebertaSizes& sizes, ValueId hidden,
                       std::int64_t classes);

}  // namespace hasten::architectures
