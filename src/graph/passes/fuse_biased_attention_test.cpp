#include "graph/passes/attention_text_test.h"
#include "graph/passes/engine_form.h"
#include "graph/passes/split_attention_operators.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view k_raw = R"(
  r = MatMul(q, k)
)";

constexpr std::string_view k_key_mask = R"(
  const axes int64[2] = 1 2
  const unit float32[] = 1.0
  const lowest float32[] = -3.4028235e38
  wide = Unsqueeze(attention_mask, axes)
  kept = Cast(wide) {to=1}
  dropped = Sub(unit, kept)
  mask = Mul(dropped, lowest)
)";

constexpr std::string_view k_pairs = R"(
  const axes int64[2] = 1 2
  const row_axes int64[2] = 1 3
  const lowest float32[] = -3.4028235e38
  of_keys = Unsqueeze(attention_mask, axes)
  of_queries = Unsqueeze(attention_mask, row_axes)
  pairs = Mul(of_keys, of_queries)
  seen = Cast(pairs) {to=9}
  unseen = Not(seen)
)";

std::vector<std::string> biased_texts() {
  const auto with = [](std::initializer_list<std::string_view> parts) {
    return joined(
        {k_attention_head, k_attention_operands, k_position_bias, joined(parts), k_attention_end});
  };
  return {
      // MPNet: a bias of positions and a mask of keys.
      with({k_key_mask, k_raw, "r1 = Div(r, root)\nr2 = Add(r1, bias)\ns = Add(r2, mask)\n"}),
      // The bias is scaled, too.
      with({k_raw, "r1 = Add(bias, r)\ns = Div(r1, root)\n"}),
      // DeBERTa: a mask of pairs that replaces scores, and a bias that differs between texts.
      with({k_pairs, k_raw,
            "r1 = Div(r, root)\nr2 = Add(r1, bias)\nown = Mul(r, bias)\nr3 = Add(r2, own)\n"
            "s = Where(unseen, lowest, r3)\n"}),
      // No head and no batch in what is added.
      with({k_raw,
            "const lower float32[] = -100000.0\nconst none float32[] = 0.0\nfar = Abs(distance)\n"
            "near = Less(far, middle)\nwindow = Where(near, none, lower)\ns = Add(r, window)\n"}),
      // The same for all queries, of another origin than a mask.
      with(
          {k_raw,
           "const last int64[1] = -1\nm0 = Cast(attention_mask) {to=1}\nconst axes int64[2] = 1 2\n"
           "m1 = Unsqueeze(m0, axes)\ns = Sub(r, m1)\n"}),
  };
}

TEST(FuseBiasedAttention, GivesTheSameForAnyBias) {
  std::size_t fused = 0;
  for (const std::string& text : biased_texts()) {
    fused += rewrite(fuse_biased_attention, text).outcome.rewrites;
    EXPECT_LT(difference_after(fuse_biased_attention, text, attention_inputs()), 1e-6) << text;
  }
  EXPECT_EQ(fused, 4U);  // a difference is no sum
}

TEST(FuseBiasedAttention, PositionsAndAMaskOfKeys) {
  const Rewritten result = rewrite(fuse_biased_attention, biased_texts()[0]);
  EXPECT_THAT(
      result.text,
      HasSubstr("y = com.microsoft.MultiHeadAttention(q1, k1, v1, _, attention_mask.int32, bias) "
                "{mask_filter_value=-3.4028235e+38, num_heads=2, scale="));
  EXPECT_THAT(result.text, Not(HasSubstr("Softmax")));
  EXPECT_THAT(result.outcome.unmatched, IsEmpty());
}

// Of the batch, one text keeps nothing, and another leaves queries that only see what another step
// hides: such queries weigh keys as the file says, whatever replaces scores and what comes after.
// ModernBERT's, which hides nothing from texts as short as the pass tries.
TEST(FuseBiasedAttention, AWindowThatOnlyLongerTextsLeave) {
  const std::string text =
      joined({k_attention_head, k_attention_operands, k_position_bias, k_key_mask, k_raw,
              "const reach int64[] = 9\nfar = Abs(distance)\nnear = LessOrEqual(far, reach)\n"
              "windowed = Where(near, mask, lowest)\ns = Add(r, windowed)\n",
              k_attention_end});
  EXPECT_THAT(rewrite(fuse_biased_attention, text).text, HasSubstr(", _, _, windowed"));
  std::map<std::string, Tensor> inputs;
  for (const char* name : {"ids", "attention_mask"})
    inputs.emplace(name, make_tensor<std::int64_t>({1, 14}, std::vector<std::int64_t>(14, 1)));
  inputs.at("ids") = make_tensor<std::int64_t>({1, 14}, {0, 3, 8, 1, 5, 2, 2, 7, 6, 4, 0, 1, 8, 8});
  EXPECT_LT(difference_after(fuse_biased_attention, text, inputs), 1e-6);
}

TEST(FuseBiasedAttention, QueriesThatSeeNothingWeighKeysAsBefore) {
  const std::string_view choices = R"(
    const axes int64[2] = 1 2
    const weak float32[] = -10000.0
    const weaker float32[] = -9990.0
    const lowest float32[] = -3.4028235e38
    const infinite float32[] = -inf
    const near int64[] = 1
    keys = Unsqueeze(attention_mask, axes)
    seen = Cast(keys) {to=9}
    unseen = Not(seen)
    far = Greater(distance, near)
    r1 = Div(r, root)
  )";
  for (const std::string_view steps :
       {"r2 = Where(seen, r1, weak)\ns = Add(r2, bias)\n",
        "r2 = Where(seen, r1, lowest)\ns = Add(r2, bias)\n",
        "r2 = Where(seen, r1, infinite)\ns = Add(r2, bias)\n",
        "r2 = Add(r1, bias)\ns = Where(unseen, weak, r2)\n",
        "r2 = Where(unseen, weak, r1)\ns = Where(far, weaker, r2)\n",
        "r2 = Where(unseen, weak, r1)\ns = Where(far, lowest, r2)\n",
        "r2 = Where(far, lowest, r1)\ns = Where(unseen, weak, r2)\n",
        "r2 = Where(far, lowest, r1)\nr3 = Add(r2, bias)\ns = Where(unseen, lowest, r3)\n",
        "m0 = Cast(unseen) {to=1}\nm = Mul(m0, lowest)\nr2 = Add(r1, m)\ns = Where(far, weak, "
        "r2)\n",
        "m0 = Cast(unseen) {to=1}\nm = Mul(m0, lowest)\nw0 = Cast(far) {to=1}\n"
        "w = Mul(w0, lowest)\nr2 = Add(r1, w)\ns = Add(r2, m)\n"}) {
    const std::string text = joined({k_attention_head, k_attention_operands, k_position_bias, k_raw,
                                     choices, steps, k_attention_end});
    EXPECT_EQ(rewrite(fuse_biased_attention, text).outcome.rewrites, 1U) << steps;
    EXPECT_LT(difference_after(fuse_biased_attention, text, attention_inputs()), 1e-6) << steps;
  }
}

TEST(FuseBiasedAttention, OperandsOfAnyOrigin) {
  const std::string text = joined({k_attention_head, k_attention_operands, k_raw, R"(
    q3 = Tanh(q)
    k3 = Transpose(k) {perm=[0, 1, 3, 2]}
    k4 = Sigmoid(k3)
    k5 = Transpose(k4) {perm=[0, 1, 3, 2]}
    r5 = MatMul(q3, k5)
    s = Div(r5, root)
  )",
                                   k_attention_end});
  const Rewritten result = rewrite(fuse_biased_attention, text);
  EXPECT_THAT(
      result.text,
      HasSubstr("y = com.microsoft.MultiHeadAttention(q3.tokens, k4, v) {num_heads=2, scale="));
  EXPECT_LT(difference_after(fuse_biased_attention, text, attention_inputs()), 1e-6);
}

TEST(FuseBiasedAttention, OnnxAttentionWithABias) {
  const std::string text = joined({k_attention_head, k_attention_operands, k_position_bias, R"(
    opset 23
    key = Transpose(k) {perm=[0, 1, 3, 2]}
    c = Attention(q, key, v, bias) {scale=0.5}
    t = Transpose(c) {perm=[0, 2, 1, 3]}
    y = Reshape(t, join)
    output y
  )"});
  EXPECT_THAT(
      rewrite(fuse_biased_attention, text).text,
      HasSubstr(
          "y = com.microsoft.MultiHeadAttention(q1, k1, v1, _, _, bias) {num_heads=2, scale=0.5}"));
  EXPECT_LT(difference_after(fuse_biased_attention, text, attention_inputs()), 1e-6);
}

// However the booleans came about: they choose, and are never added as ones and zeros.
TEST(FuseBiasedAttention, OnnxAttentionWithAMaskOfBooleans) {
  for (const std::string near :
       {"near = LessOrEqual(distance, least)", "near = GreaterOrEqual(distance, least)",
        "far = Greater(distance, least)\n near = Xor(far, yes)"}) {
    const std::string text = joined({k_attention_head, k_attention_operands, k_position_bias, R"(
      opset 23
      const yes bool[] = 1
      key = Transpose(k) {perm=[0, 1, 3, 2]}
      )",
                                     near, R"(
      turned = Transpose(near) {perm=[1, 0]}
      c = Attention(q, key, v, turned) {scale=0.5}
      t = Transpose(c) {perm=[0, 2, 1, 3]}
      y = Reshape(t, join)
      output y
    )"});
    EXPECT_THAT(rewrite(fuse_biased_attention, text).text, HasSubstr("Where(turned"));
    EXPECT_LT(difference_after(fuse_biased_attention, text, attention_inputs()), 1e-6) << near;
  }
}

// A query that sees nothing has zeros as its result.
TEST(FuseBiasedAttention, OnnxAttentionOfQueriesThatSeeNothing) {
  for (const std::string_view mask :
       {"mask = Cast(pairs) {to=9}\n", "mask = Where(unseen, lowest, bias)\n",
        "m0 = Cast(of_keys) {to=1}\nm1 = Sub(m0, one_float)\nmask = Mul(m1, highest)\n"}) {
    const std::string text =
        joined({k_attention_head, k_attention_operands, k_position_bias, k_pairs, R"(
      opset 23
      const one_float float32[] = 1.0
      const highest float32[] = 3.4028235e38
      key = Transpose(k) {perm=[0, 1, 3, 2]}
      )",
                mask, R"(
      c = Attention(q, key, v, mask) {scale=0.5}
      t = Transpose(c) {perm=[0, 2, 1, 3]}
      y = Reshape(t, join)
      output y
    )"});
    EXPECT_EQ(rewrite(fuse_biased_attention, text).outcome.rewrites, 1U) << mask;
    EXPECT_LT(difference_after(fuse_biased_attention, text, attention_inputs()), 1e-6) << mask;
  }
}

TEST(FuseBiasedAttention, SaysWhereTheMatchStopped) {
  const std::string text =
      joined({k_attention_head, k_attention_operands, k_raw, "s = Tanh(r)\n", k_attention_end});
  EXPECT_THAT(rewrite(fuse_biased_attention, text).outcome.unmatched,
              ElementsAre("layer 1: node p (Softmax): expected scores that are a product of query "
                          "and key, and what "
                          "is added to it"));
}

TEST(FuseBiasedAttention, OnceIsEnough) {
  for (const std::string& text : biased_texts()) {
    Graph graph = parse_text(rewrite(fuse_biased_attention, text).text);
    const std::string once = dump(graph);
    const PassOutcome outcome = fuse_biased_attention(graph);
    EXPECT_EQ(outcome.rewrites, 0U);
    EXPECT_EQ(dump(graph), once);
  }
}

TEST(SplitAttentionOperators, UndoesTheFusion) {
  for (const std::string& text : biased_texts()) {
    const Graph before = parse_text(text);
    Graph graph = before;
    const std::size_t fused = fuse_biased_attention(graph).rewrites;
    EXPECT_EQ(split_attention_operators(graph), fused);
    verify(graph);
    EXPECT_THAT(dump(graph), Not(HasSubstr("MultiHeadAttention")));
    EXPECT_LT(difference(before, graph, attention_inputs()), 1e-6) << text;
  }
}

constexpr std::string_view k_multi_head = R"(
  opset com.microsoft 1
  input ids int64[batch, n]
  input attention_mask int32[batch, n]
  const words float32[9, 6] = ...
  const b float32[18] = ...
  q = Gather(words, ids)
  y = com.microsoft.MultiHeadAttention(q, q, q, b, attention_mask) {num_heads=2, mask_filter_value=-500.0}
  output y
)";

TEST(SplitAttentionOperators, BiasAndMask) {
  const Graph before = parse_text(k_multi_head);
  Graph graph = before;
  EXPECT_EQ(split_attention_operators(graph), 1U);
  EXPECT_LT(difference(before, graph, attention_inputs(DType::k_int32)), 1e-6);
}

constexpr std::string_view k_angles = R"(
  opset com.microsoft 1
  input ids int64[batch, n]
  input attention_mask int64[batch, n]
  const words float32[9, 8] = ...
  const cosines float32[8, 2] = 1.0 0.9 0.8 0.7 0.6 0.5 0.4 0.3 0.2 0.1 0.0 -0.1 -0.2 -0.3 -0.4 -0.5
  const sines float32[8, 2] = 0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0 0.9 0.8 0.7 0.6 0.5
  const start int64[1] = 3
  x = Gather(words, ids)
)";

TEST(SplitAttentionOperators, Rotations) {
  for (const std::string_view rotation :
       {"y = com.microsoft.RotaryEmbedding(x, start, cosines, sines)\noutput y\n",
        "y = com.microsoft.RotaryEmbedding(x, attention_mask, cosines, sines)\noutput y\n",
        "const split int64[4] = 0 0 2 4\nx4 = Reshape(x, split)\nh = Transpose(x4) {perm=[0, 2, 1, "
        "3]}\n"
        "y = com.microsoft.RotaryEmbedding(h, start, cosines, sines)\noutput y\n"}) {
    const Graph before = parse_text(joined({k_angles, rotation}));
    Graph graph = before;
    EXPECT_EQ(split_attention_operators(graph), 1U) << rotation;
    verify(graph);
    EXPECT_LT(difference(before, graph, attention_inputs()), 1e-6) << rotation;
  }
}

TEST(SplitAttentionOperators, OtherFormsStay) {
  for (const std::string_view rotation :
       {"{interleaved=1}", "{rotary_embedding_dim=2, num_heads=2}", "{scale=0.5}"}) {
    Graph graph =
        parse_text(joined({k_angles, "y = com.microsoft.RotaryEmbedding(x, start, cosines, sines) ",
                           rotation, "\noutput y\n"}));
    EXPECT_EQ(split_attention_operators(graph), 0U) << rotation;
  }
}

}  // namespace
}  // namespace hasten::graph
