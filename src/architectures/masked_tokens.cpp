#include "architectures/masked_tokens.h"

#include "base/onnx_dtype.h"

namespace hasten::architectures {

ValueId last_token(EncoderBuilder& builder, ValueId hidden, ValueId attention_mask,
                   const std::string& name) {
  const ValueId counted =
      builder.op("CumSum", {attention_mask, builder.integer(1)}, name + ".counted");
  const ValueId kept = builder.op("Mul", {counted, attention_mask}, name + ".kept");
  const ValueId place = builder.op("ArgMax", {kept}, name + ".place",
                                   {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{1}}});
  return builder.op("GatherND", {hidden, place}, name, {{"batch_dims", std::int64_t{1}}});
}

ValueId kept_tokens(EncoderBuilder& builder, ValueId attention_mask) {
  const ValueId rows =
      builder.op("Unsqueeze", {attention_mask, builder.integers({2})}, "attention_mask.tokens");
  return builder.op("Cast", {rows}, "attention_mask.kept_tokens",
                    {{"to", onnx_code_of(DType::k_float32)}});
}

}  // namespace hasten::architectures
