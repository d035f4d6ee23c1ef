// The classifier head that most families share: a dense layer over the first token's hidden state,
// an activation, the classes.
#pragma once

#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

struct FirstTokenHead {
  std::string dense;       // "bert.pooler.dense"
  std::string activation;  // by transformers' name
  std::string output;      // "classifier"
  std::int64_t width = 0;
  std::int64_t classes = 0;
};

// output(activation(dense(first token of hidden))): [batch_size, classes]
ValueId classify_first_token(EncoderBuilder& builder, ValueId hidden, const FirstTokenHead& head);

}  // namespace hasten::architectures
