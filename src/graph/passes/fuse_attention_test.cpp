#include <fmt/format.h>

#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One head of attention over a width of 6, split into 2 heads of 3.
constexpr std::string_view k_head = R"(
  opset com.microsoft 1
  input x float32[batch, n, 6]
  input attention_mask int64[batch, n]
)";

constexpr std::string_view k_weights = R"(
  const wq float32[6, 6] = ...
  const wk float32[6, 6] = ...
  const wv float32[6, 6] = ...
  const bq float32[6] = 0.1 0.2 -0.3 0.4 0.5 -0.6
  const bk float32[6] = 0.3 0.2 0.1 -0.1 -0.2 -0.3
  const bv float32[6] = 0.5 0.25 0.5 0.25 0.5 0.25
  const split int64[4] = 0 0 2 3
  const join int64[3] = 0 0 6
  const root float32[] = 1.7320508
)";

constexpr std::string_view k_mask = R"(
  const axes int64[2] = 1 2
  const one float32[] = 1.0
  const lowest float32[] = -10000.0
  wide = Unsqueeze(attention_mask, axes)
  kept = Cast(wide) {to=1}
  dropped = Sub(one, kept)
  mask = Mul(dropped, lowest)
)";

constexpr std::string_view k_projections = R"(
  q0 = MatMul(x, wq)
  q1 = Add(q0, bq)
  k0 = MatMul(x, wk)
  k1 = Add(bk, k0)
  v0 = MatMul(x, wv)
  v1 = Add(v0, bv)
  q2 = Reshape(q1, split)
  q3 = Transpose(q2) {perm=[0, 2, 1, 3]}
  k2 = Reshape(k1, split)
  v2 = Reshape(v1, split)
  v3 = Transpose(v2) {perm=[0, 2, 1, 3]}
)";

constexpr std::string_view k_merge = R"(
  c = MatMul(p, v3)
  t = Transpose(c) {perm=[0, 2, 1, 3]}
  y = Reshape(t, join)
  output y
)";

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::map<std::string, Tensor> inputs() {
  return {{"x", numbers({2, 4, 6})},
          {"attention_mask", make_tensor<std::int64_t>({2, 4}, {1, 1, 1, 0, 0, 1, 0, 1})}};
}

TEST(FuseAttention, DividedScores) {
  const std::string before = join({k_head, k_weights, k_mask, k_projections, R"(
    k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
    s0 = MatMul(q3, k3)
    s1 = Div(s0, root)
    s2 = Add(s1, mask)
    p = Softmax(s2) {axis=-1}
  )",
                                   k_merge});
  const Rewritten result = rewrite(fuse_attention, before);
  EXPECT_THAT(result.text,
              HasSubstr("attention_mask.int32 int32[batch, n] = Cast(attention_mask) {to=6}\n"
                        "y = com.microsoft.Attention(x, y.qkv.weight, y.qkv.bias, "
                        "attention_mask.int32) {mask_filter_value=-10000.0, num_heads=2}\n"
                        "output y"));
  EXPECT_THAT(result.outcome.unmatched, IsEmpty());
  EXPECT_LT(difference_after(fuse_attention, before, inputs()), 1e-7);
}

// Where scores are replaced, a text that keeps nothing weighs its keys alike, or has no weights.
TEST(FuseAttention, ATextThatIsAllMasked) {
  const std::map<std::string, Tensor> masked = {
      {"x", numbers({2, 4, 6})},
      {"attention_mask", make_tensor<std::int64_t>({2, 4}, {1, 1, 1, 0, 0, 0, 0, 0})}};
  for (const std::string_view filter : {"-10000.0", "-3.4028235e38", "-inf"}) {
    const std::string before =
        join({k_head, k_weights, k_projections, "const filter float32[] = ", filter, R"(
    const axes int64[2] = 1 2
    wide = Unsqueeze(attention_mask, axes)
    kept = Cast(wide) {to=9}
    k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
    s0 = MatMul(q3, k3)
    s1 = Div(s0, root)
    s2 = Where(kept, s1, filter)
    p = Softmax(s2) {axis=-1}
  )",
              k_merge});
    EXPECT_EQ(rewrite(fuse_attention, before).outcome.rewrites, 1U);
    EXPECT_LT(difference_after(fuse_attention, before, masked), 1e-7) << filter;
  }
}

TEST(FuseAttention, ScaledQueryAndKeyTransposedTwice) {
  const std::string before = join({k_head, k_weights, k_mask, k_projections, R"(
    const quarter float32[] = 0.25
    q4 = Mul(quarter, q3)
    k3 = Transpose(k2) {perm=[0, 2, 1, 3]}
    k4 = Transpose(k3) {perm=[0, 1, 3, 2]}
    s0 = MatMul(q4, k4)
    s1 = Add(mask, s0)
    p = Softmax(s1) {axis=3}
  )",
                                   k_merge});
  const Rewritten result = rewrite(fuse_attention, before);
  EXPECT_THAT(result.text, HasSubstr("num_heads=2, scale=0.25}"));
  EXPECT_LT(difference_after(fuse_attention, before, inputs()), 1e-9);
}

TEST(FuseAttention, NoMask) {
  const std::string before = join({k_head, k_weights, k_projections, R"(
    k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
    s0 = MatMul(q3, k3)
    s1 = Div(s0, root)
    p = Softmax(s1) {axis=-1}
  )",
                                   k_merge});
  EXPECT_THAT(rewrite(fuse_attention, before).text,
              HasSubstr("com.microsoft.Attention(x, y.qkv.weight, y.qkv.bias) {num_heads=2}"));
  EXPECT_LT(difference_after(fuse_attention, before, inputs()), 1e-7);
}

TEST(FuseAttention, HalfPrecisionWeightsStayHalf) {
  const std::string before = join({k_head, R"(
    const hq float16[6, 6] = ...
    const hk float16[6, 6] = ...
    const hv float16[6, 6] = ...
    const split int64[4] = 0 0 2 3
    const join int64[3] = 0 0 6
    wq = Cast(hq) {to=1}
    wk = Cast(hk) {to=1}
    wv = Cast(hv) {to=1}
    q1 = MatMul(x, wq)
    k1 = MatMul(x, wk)
    v1 = MatMul(x, wv)
    q2 = Reshape(q1, split)
    q3 = Transpose(q2) {perm=[0, 2, 1, 3]}
    k2 = Reshape(k1, split)
    v2 = Reshape(v1, split)
    v3 = Transpose(v2) {perm=[0, 2, 1, 3]}
    k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
    s0 = MatMul(q3, k3)
    p = Softmax(s0) {axis=-1}
  )",
                                   k_merge});
  const std::string after = rewrite(fuse_attention, before).text;
  EXPECT_THAT(after, HasSubstr("const y.qkv.weight float16[6, 18]"));
  EXPECT_THAT(after, HasSubstr("y.qkv.weight.float32 = Cast(y.qkv.weight) {to=1}"));
  EXPECT_LT(difference_after(fuse_attention, before, inputs()), 1e-9);
}

// A whole layer without biases and mask, its values named after `name`.
std::string layer_text(const std::string& name, const std::string& input) {
  return fmt::format(R"(
    {0}q = MatMul({1}, wq)
    {0}k = MatMul({1}, wk)
    {0}v = MatMul({1}, wv)
    {0}q_split = Reshape({0}q, split)
    {0}k_split = Reshape({0}k, split)
    {0}v_split = Reshape({0}v, split)
    {0}q_heads = Transpose({0}q_split) {{perm=[0, 2, 1, 3]}}
    {0}k_heads = Transpose({0}k_split) {{perm=[0, 2, 3, 1]}}
    {0}v_heads = Transpose({0}v_split) {{perm=[0, 2, 1, 3]}}
    {0}s = MatMul({0}q_heads, {0}k_heads)
    {0}p = Softmax({0}s) {{axis=-1}}
    {0}c = MatMul({0}p, {0}v_heads)
    {0}t = Transpose({0}c) {{perm=[0, 2, 1, 3]}}
    {0}y = Reshape({0}t, join)
  )",
                     name, input);
}

TEST(FuseAttention, SharedWeightsArePackedOnce) {
  const std::string before = join({k_head, k_weights, layer_text("one_", "x"),
                                   layer_text("two_", "one_y"), "\noutput two_y\n"});
  const Rewritten result = rewrite(fuse_attention, before);
  EXPECT_EQ(result.outcome.rewrites, 2U);
  EXPECT_THAT(result.text, HasSubstr("Attention(x, one_y.qkv.weight, one_y.qkv.bias)"));
  EXPECT_THAT(result.text, HasSubstr("Attention(one_y, one_y.qkv.weight, one_y.qkv.bias)"));
  EXPECT_LT(difference_after(fuse_attention, before, inputs()), 1e-9);
}

// Reshapes of an export for two texts of four tokens fit no other batch.
TEST(FuseAttention, SizesThatAreFixed) {
  const std::string before = join({R"(
    opset com.microsoft 1
    input ids int64[2, 4]
    input attention_mask int64[2, 4]
    const words float32[9, 6] = ...
    const split int64[4] = 2 4 2 3
    const join int64[3] = 2 4 6
    const root float32[] = 1.7320508
    const wq float32[6, 6] = ...
    const wk float32[6, 6] = ...
    const wv float32[6, 6] = ...
    const bq float32[6] = 0.1 0.2 -0.3 0.4 0.5 -0.6
    const bk float32[6] = 0.3 0.2 0.1 -0.1 -0.2 -0.3
    const bv float32[6] = 0.5 0.25 0.5 0.25 0.5 0.25
    x = Gather(words, ids)
  )",
                                   k_mask, k_projections, R"(
    k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
    s0 = MatMul(q3, k3)
    s1 = Div(s0, root)
    s2 = Add(s1, mask)
    p = Softmax(s2) {axis=-1}
  )",
                                   k_merge});
  const Rewritten result = rewrite(fuse_attention, before);
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_THAT(result.text, HasSubstr("y = com.microsoft.Attention(x, y.qkv.weight, y.qkv.bias, "
                                     "attention_mask.int32)"));
  EXPECT_LT(difference_after(fuse_attention, before,
                             {{"ids", make_tensor<std::int64_t>({2, 4}, {1, 5, 8, 0, 3, 3, 7, 2})},
                              {"attention_mask", inputs().at("attention_mask")}}),
            1e-7);
}

// A text with several choices is a batch of its own: com.microsoft.Attention takes no mask of three axes.
TEST(FuseAttention, MaskOfChoicesIsNoMaskOfTexts) {
  const std::string before = join({R"(
    input ids int64[batch, choices, n]
    input attention_mask int64[batch, choices, n]
    const words float32[9, 6] = ...
    const last int64[1] = 2
    const all int64[1] = -1
    shape = Shape(ids)
    length = Gather(shape, last)
    in_rows = Concat(all, length) {axis=0}
    ids_of_rows = Reshape(ids, in_rows)
    x = Gather(words, ids_of_rows)
  )",
                                   k_weights, R"(
    const axes int64[2] = 1 2
    const one float32[] = 1.0
    const lowest float32[] = -10000.0
    rows = Reshape(attention_mask, in_rows)
    wide = Unsqueeze(rows, axes)
    kept = Cast(wide) {to=1}
    dropped = Sub(one, kept)
    mask = Mul(dropped, lowest)
  )",
                                   k_projections, R"(
    k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
    s0 = MatMul(q3, k3)
    s1 = Div(s0, root)
    s2 = Add(s1, mask)
    p = Softmax(s2) {axis=-1}
  )",
                                   k_merge});
  EXPECT_EQ(rewrite(fuse_attention, before).outcome.rewrites, 0U);
}

// However far behind the softmax the values are, a layer left alone is named.
TEST(FuseAttention, NamesLayersWhoseProductIsFarFromTheSoftmax) {
  const std::string scores = R"(
    k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
    s0 = MatMul(q3, k3)
    far = Softmax(s0) {axis=-1}
    far1 = Sqrt(far)
    far2 = Sqrt(far1)
    far3 = Sqrt(far2)
    far4 = Sqrt(far3)
    p = Sqrt(far4)
  )";
  const Rewritten result =
      rewrite(fuse_attention, join({k_head, k_weights, k_projections, scores, k_merge}));
  EXPECT_THAT(result.outcome.unmatched, ElementsAre(HasSubstr("layer 1: node far1 (Sqrt)")));
}

struct Refused {
  std::string_view scores;  // from the projections to the softmax
  std::string_view why;
};

TEST(FuseAttention, SaysWhereTheMatchStopped) {
  for (const Refused& refused :
       {Refused{R"(
             const triangle float32[4, 4] = ...
             k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
             s0 = MatMul(q3, k3)
             s1 = Add(s0, triangle)
             p = Softmax(s1) {axis=-1}
           )",
                "node s1 (Add): expected a mask made of one input of the graph, the same for all "
                "queries"},
        Refused{R"(
             k3 = Transpose(k2) {perm=[0, 2, 3, 1]}
             s0 = MatMul(q3, k3)
             s1 = Tanh(s0)
             p = Softmax(s1) {axis=-1}
           )",
                "node s1 (Tanh): expected a mask, a constant factor or the product of query "
                "and key"},
        Refused{R"(
             k3 = Transpose(k2) {perm=[0, 2, 1, 3]}
             k4 = Transpose(k3) {perm=[0, 1, 3, 2]}
             q4 = MatMul(q3, k4)
             s0 = MatMul(q4, q4)
             p = Softmax(s0) {axis=-1}
           )",
                "node q4 (MatMul): expected a constant matrix"}}) {
    const Rewritten result = rewrite(
        fuse_attention, join({k_head, k_weights, k_mask, k_projections, refused.scores, k_merge}));
    EXPECT_EQ(result.outcome.rewrites, 0U);
    EXPECT_THAT(result.outcome.unmatched, ElementsAre("layer 1: " + std::string(refused.why)));
  }
}

}  // namespace
}  // namespace hasten::graph
