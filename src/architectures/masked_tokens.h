// What padding has no part in, wherever it stands.
#pragma once

#include <string>

#include "architectures/encoder_builder.h"

namespace hasten::architectures {

// The hidden state of the last token that `attention_mask` (int64 [batch_size, sequence_length])
// keeps: [batch_size, width].
ValueId last_token(EncoderBuilder& builder, ValueId hidden, ValueId attention_mask,
                   const std::string& name);

// 1 for tokens, 0 for padding: float32 [batch_size, sequence_length, 1].
ValueId kept_tokens(EncoderBuilder& builder, ValueId attention_mask);

}  // namespace hasten::architectures
