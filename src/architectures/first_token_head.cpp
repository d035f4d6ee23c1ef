#include "architectures/first_token_head.h"

#include "architectures/activation.h"

namespace hasten::architectures {

ValueId classify_first_token(EncoderBuilder& builder, ValueId hidden, const FirstTokenHead& head) {
  const ValueId first = builder.first_token(hidden, "first_token");
  const ValueId dense = builder.linear(first, head.dense, head.width, head.width);
  const ValueId active =
      add_named_activation(builder, dense, head.activation, head.dense + ".activation");
  return builder.linear(active, head.output, head.width, head.classes);
}

}  // namespace hasten::architectures
