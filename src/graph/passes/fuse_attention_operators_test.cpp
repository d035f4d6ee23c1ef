#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view k_projections = R"(
  opset 23
  opset com.microsoft 1
  input x float32[batch, n, 6]
  input attention_mask int64[batch, n]
  const wq float32[6, 6] = ...
  const wk float32[6, 6] = ...
  const wv float32[6, 6] = ...
  const axes int64[2] = 1 2
  const one float32[] = 1.0
  const lowest float32[] = -10000.0
  wide = Unsqueeze(attention_mask, axes)
  kept = Cast(wide) {to=1}
  dropped = Sub(one, kept)
  mask = Mul(dropped, lowest)
  q = MatMul(x, wq)
  k = MatMul(x, wk)
  v = MatMul(x, wv)
)";

std::map<std::string, Tensor> inputs() {
  return {{"x", numbers({2, 4, 6})},
          {"attention_mask", make_tensor<std::int64_t>({2, 4}, {1, 1, 1, 0, 0, 1, 0, 1})}};
}

std::string after(std::string_view rest) {
  return std::string(k_projections) + std::string(rest);
}

TEST(FuseAttentionOperators, OnnxAttentionOfSplitHeads) {
  const std::string text = after(R"(
    const split int64[4] = 0 0 2 3
    const join int64[3] = 0 0 6
    q1 = Reshape(q, split)
    q2 = Transpose(q1) {perm=[0, 2, 1, 3]}
    k1 = Reshape(k, split)
    k2 = Transpose(k1) {perm=[0, 2, 1, 3]}
    v1 = Reshape(v, split)
    v2 = Transpose(v1) {perm=[0, 2, 1, 3]}
    c = Attention(q2, k2, v2, mask) {is_causal=0}
    t = Transpose(c) {perm=[0, 2, 1, 3]}
    y = Reshape(t, join)
    output y
  )");
  EXPECT_THAT(
      rewrite(fuse_attention_operators, text).text,
      HasSubstr("y = com.microsoft.Attention(x, y.qkv.weight, y.qkv.bias, attention_mask.int32)"));
  EXPECT_LT(difference_after(fuse_attention_operators, text, inputs()), 1e-7);
}

TEST(FuseAttentionOperators, OnnxAttentionOfHeadsSideBySide) {
  const std::string text = after(R"(
    y = Attention(q, k, v, mask) {q_num_heads=2, kv_num_heads=2, scale=0.25}
    output y
  )");
  EXPECT_THAT(rewrite(fuse_attention_operators, text).text, HasSubstr("scale=0.25"));
  EXPECT_LT(difference_after(fuse_attention_operators, text, inputs()), 1e-7);
}

// The lowest number hides, and a text from which all is hidden has zeros as its result.
TEST(FuseAttentionOperators, OnnxAttentionOfATextThatIsAllMasked) {
  const std::map<std::string, Tensor> masked = {
      {"x", numbers({2, 4, 6})},
      {"attention_mask", make_tensor<std::int64_t>({2, 4}, {1, 1, 1, 0, 0, 0, 0, 0})}};
  for (const std::string_view hidden :
       {"m = Cast(wide) {to=9}\n", "const far float32[] = -3.4028235e38\nm = Mul(dropped, far)\n",
        "m = Identity(mask)\n"}) {
    const std::string text =
        after(std::string(hidden) +
              "y = Attention(q, k, v, m) {q_num_heads=2, kv_num_heads=2}\noutput y\n");
    EXPECT_THAT(rewrite(fuse_attention_operators, text).text,
                HasSubstr("com.microsoft.Attention(x, y.qkv.weight, y.qkv.bias, attention_mask"));
    EXPECT_LT(difference_after(fuse_attention_operators, text, masked), 1e-7) << hidden;
  }
}

TEST(FuseAttentionOperators, MultiHeadAttentionWithItsBias) {
  const std::string text = after(R"(
    const b float32[18] = ...
    m = Cast(attention_mask) {to=6}
    y = com.microsoft.MultiHeadAttention(q, k, v, b, m) {num_heads=2}
    output y
  )");
  EXPECT_THAT(rewrite(fuse_attention_operators, text).text,
              HasSubstr("y = com.microsoft.Attention(x, y.qkv.weight, y.qkv.bias, m)"));
  EXPECT_LT(difference_after(fuse_attention_operators, text, inputs()), 1e-7);
}

TEST(FuseAttentionOperators, CausalAttentionStaysAndIsNamed) {
  const Rewritten result = rewrite(fuse_attention_operators, after(R"(
    y = Attention(q, k, v, mask) {q_num_heads=2, kv_num_heads=2, is_causal=1}
    output y
  )"));
  EXPECT_EQ(result.outcome.rewrites, 0U);
  EXPECT_THAT(result.outcome.unmatched,
              ElementsAre(HasSubstr("node y (Attention): expected attention in both directions")));
}

}  // namespace
}  // namespace hasten::graph
