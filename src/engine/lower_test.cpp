#include "engine/lower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/describe.h"
#include "graph/dump.h"

namespace hasten::engine {
namespace {

using testing::HasSubstr;

Program lower_text(std::string_view text) {
  auto lowered = lower(graph::parse_text(text));
  if (const auto* obstacle = std::get_if<Obstacle>(&lowered)) {
    ADD_FAILURE() << obstacle->reason;
    return {};
  }
  return std::get<Program>(std::move(lowered));
}

std::string obstacle_of(std::string_view text) {
  const auto lowered = lower(graph::parse_text(text));
  const auto* obstacle = std::get_if<Obstacle>(&lowered);
  return obstacle == nullptr ? "" : obstacle->reason;
}

// A fused encoder of one layer, hidden size 4, with everything that the passes make.
constexpr std::string_view k_fused = R"(
input input_ids int64[batch, sequence]
input attention_mask int64[batch, sequence]
input token_type_ids int64[batch, sequence]
const words float32[10, 4] = ...
const places float32[6, 4] = ...
const types float32[2, 4] = ...
const gamma float32[4] = ...
const beta float32[4] = ...
const qkv_w float32[4, 12] = ...
const qkv_b float32[12] = ...
const out_w float32[4, 4] = ...
const out_b float32[4] = ...
const up_w float32[4, 8] = ...
const up_b float32[8] = ...
const down_w float32[8, 4] = ...
const zero int64[] = 0
const head_w float32[3, 4] = ...
const head_b float32[3] = ...
ids = Cast(input_ids) {to=6}
mask = Cast(attention_mask) {to=6}
kinds = Cast(token_type_ids) {to=6}
h, _ = com.microsoft.EmbedLayerNormalization(ids, kinds, words, places, types, gamma, beta) {epsilon=1e-12}
a = com.microsoft.Attention(h, qkv_w, qkv_b, mask) {num_heads=2}
o = MatMul(a, out_w)
s = com.microsoft.SkipLayerNormalization(o, h, gamma, beta, out_b) {epsilon=1e-12}
u = MatMul(s, up_w)
g = com.microsoft.BiasGelu(u, up_b)
d = MatMul(g, down_w)
f = com.microsoft.SkipLayerNormalization(d, s, gamma, beta, out_b) {epsilon=1e-12}
first = Gather(f, zero) {axis=1}
logits = Gemm(first, head_w, head_b) {transB=1}
output logits
)";

TEST(Lower, AFusedEncoderBecomesAFlatProgram) {
  const Program program = lower_text(k_fused);
  EXPECT_EQ(describe(program), R"(t0[4] = Embed(token_id, position, type_id) normalize
t1[12] = Linear(t0) 4x12 bias
t2[4] = Attention(t1+0, t1+4, t1+8) heads 2
t3[4] = Linear(t2) 4x4 bias
t4[4] = AddNormalize(t3, t0)
t5[8] = Linear(t4) 4x8 bias gelu_erf
t6[4] = Linear(t5) 8x4 bias
t7[4] = AddNormalize(t6, t4)
s8[4] = Pool(t7) first_token
s9[3] = Linear(s8) 4x3 transposed bias
logits s9
)");
  EXPECT_EQ(program.class_count, 3);
  EXPECT_EQ(program.position_limit, 6);
  EXPECT_EQ(program.vocabulary_size, 10);
  EXPECT_EQ(program.type_count, 2);
  EXPECT_EQ(program.flops_per_token, 2 * (4 * 12 + 4 * 4 + 4 * 8 + 8 * 4));
  EXPECT_EQ(program.flops_per_sequence, 2 * 4 * 3);
}

TEST(Lower, UnfusedEmbeddingsAndBiasesAreUnderstood) {
  EXPECT_EQ(describe(lower_text(R"(
input input_ids int64[batch, sequence]
const words float32[10, 4] = ...
const places float32[6, 4] = ...
const numbers int64[1, 6] = 0 1 2 3 4 5
const zero int64[1] = 0
const one int64[1] = 1
const index int64[] = 0
const gamma float32[4] = ...
const w float32[4, 2] = ...
const b float32[2] = ...
shape = Shape(input_ids)
length = Gather(shape, one) {axis=0}
positions = Slice(numbers, zero, length, one)
a = Gather(words, input_ids) {axis=0}
p = Gather(places, positions) {axis=0}
sum = Add(a, p)
h = LayerNormalization(sum, gamma) {axis=-1}
first = Gather(h, index) {axis=1}
m = MatMul(first, w)
y = Add(b, m)
logits = Tanh(y)
output logits
)")),
            R"(t0[4] = Embed(token_id, position) normalize
s1[4] = Pool(t0) first_token
s2[2] = Linear(s1) 4x2 bias tanh
logits s2
)");
}

TEST(Lower, PositionsCountedOverTokensAreUnderstood) {
  constexpr std::string_view k_text = R"(
input input_ids int64[batch, sequence]
const words float32[10, 4] = ...
const places float32[6, 4] = ...
const pad int64[] = 1
const axis int64[] = 1
const index int64[] = 0
const gamma float32[4] = ...
padding = Equal(input_ids, pad)
token = Not(padding)
ones = Cast(token) {to=7}
counted = CumSum(ones, axis)
kept = Mul(counted, ones)
positions = Add(kept, pad)
a = Gather(words, input_ids) {axis=0}
p = Gather(places, positions) {axis=0}
sum = Add(a, p)
h = LayerNormalization(sum, gamma) {axis=-1}
logits = Gather(h, index) {axis=1}
output logits
)";
  const Program program = lower_text(k_text);
  EXPECT_THAT(describe(program), HasSubstr("Embed(token_id, padded_position+1) normalize"));
  EXPECT_EQ(program.position_limit, 4);
  std::string reversed(k_text);
  reversed.replace(reversed.find("CumSum(ones, axis)"), 18, "CumSum(ones, axis) {reverse=1}");
  EXPECT_THAT(obstacle_of(reversed), HasSubstr("from its start"));
}

TEST(Lower, StoredFormsOfWeightsAreReadThrough) {
  EXPECT_THAT(
      describe(lower_text(R"(
input input_ids int64[batch, sequence]
const words float16[10, 4] = ...
const gamma float32[4] = ...
const index int64[] = 0
const w int8[4, 2] = 1 2 3 4 5 6 7 8
const s float32[2] = 0.5 0.25
const v float16[2, 2] = ...
wide = Cast(words) {to=1}
a = Gather(wide, input_ids) {axis=0}
h = LayerNormalization(a, gamma) {axis=-1}
first = Gather(h, index) {axis=1}
wd = DequantizeLinear(w, s) {axis=1}
x = MatMul(first, wd)
vd = Cast(v) {to=1}
vt = Transpose(vd) {perm=[1, 0]}
logits = MatMul(x, vt)
output logits
)")),
      testing::AllOf(HasSubstr("Linear(s1) 4x2 scaled"), HasSubstr("Linear(s2) 2x2 transposed")));
}

TEST(Lower, SaysWhichNodeStoppedItAndWhy) {
  const std::string text = std::string(k_fused);
  EXPECT_THAT(
      obstacle_of(std::string(text).replace(text.find("BiasGelu(u, up_b)"), 17, "Unknown(u)")),
      HasSubstr("com.microsoft.Unknown"));
  EXPECT_THAT(obstacle_of(std::string(text).replace(text.find("{num_heads=2}"), 13,
                                                    "{num_heads=2, unidirectional=1}")),
              HasSubstr("attention in both directions"));
  EXPECT_THAT(obstacle_of(std::string(text).replace(text.find("{axis=1}"), 8, "{axis=2}")),
              HasSubstr("first token"));
}

TEST(Lower, AMaskComputedFromSomethingElseIsNotIgnored) {
  std::string text(k_fused);
  text.replace(text.find("mask = Cast(attention_mask)"), 27, "mask = Cast(token_type_ids)");
  EXPECT_THAT(obstacle_of(text), HasSubstr("attention_mask"));
}

TEST(Lower, AnOutputPerTokenIsNoClassifier) {
  EXPECT_THAT(obstacle_of(R"(
input input_ids int64[batch, sequence]
const words float32[10, 4] = ...
const gamma float32[4] = ...
a = Gather(words, input_ids) {axis=0}
h = LayerNormalization(a, gamma) {axis=-1}
output h
)"),
              HasSubstr("one row of logits per text"));
}

}  // namespace
}  // namespace hasten::engine
