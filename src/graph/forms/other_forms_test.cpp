#include <gmock/gmock.h>

#include "graph/dump.h"
#include "graph/forms/approximate_gelu.h"
#include "graph/forms/attention_forms.h"
#include "graph/forms/int32_inputs.h"
#include "graph/forms/skip_biases.h"
#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view k_attention = R"(
  opset com.microsoft 1
  input x float32[b, n, 8]
  input mask int32[b, n]
  const w float32[8, 24] = ...
  const bias float32[24] = ...
  y = com.microsoft.Attention(x, w, bias, mask) {num_heads=2, scale=0.3}
  output y
)";

std::map<std::string, Tensor> attention_inputs(std::vector<std::int32_t> mask) {
  return {{"x", numbers({2, 3, 8})}, {"mask", make_tensor<std::int32_t>({2, 3}, std::move(mask))}};
}

TEST(AttentionForms, MultiHeadAttentionGivesTheSame) {
  const Graph before = parse_text(k_attention);
  Graph after = before;
  EXPECT_EQ(use_multi_head_attention(after), 1U);
  verify(after);
  EXPECT_THAT(dump(after), HasSubstr("com.microsoft.MultiHeadAttention"));
  EXPECT_LT(difference(before, after, attention_inputs({1, 1, 1, 1, 0, 1})), 1e-9);
}

TEST(AttentionForms, WithoutAMaskEveryTokenCounts) {
  const Graph before = parse_text(k_attention);
  Graph after = before;
  EXPECT_EQ(drop_attention_masks(after), 1U);
  verify(after);
  EXPECT_LT(difference(before, after, attention_inputs({1, 1, 1, 1, 1, 1})), 1e-9);
  EXPECT_GT(difference(before, after, attention_inputs({1, 1, 1, 1, 0, 0})), 1e-3);
}

TEST(ApproximateGelu, TakesTheBiasAlong) {
  const Graph before = parse_text(R"(
    opset com.microsoft 1
    input x float32[n, 3]
    const bias float32[3] = 1.0 -2.0 0.5
    a = com.microsoft.BiasGelu(x, bias)
    y = com.microsoft.Gelu(a)
    output y
  )");
  Graph after = before;
  EXPECT_EQ(approximate_gelu(after), 2U);
  EXPECT_LT(difference(before, after, {{"x", numbers({4, 3})}}), 2e-3);
  EXPECT_GT(difference(before, after, {{"x", numbers({4, 3})}}), 0);
}

TEST(SkipBiases, AreNodesAgain) {
  const Graph before = parse_text(R"(
    opset com.microsoft 1
    input x float32[n, 3]
    input z float32[n, 3]
    const gamma float32[3] = 1.0 0.5 2.0
    const beta float32[3] = 0.0 -1.0 1.0
    const bias float32[3] = 1.0 2.0 3.0
    y = com.microsoft.SkipLayerNormalization(x, z, gamma, beta, bias) {epsilon=1e-12}
    output y
  )");
  Graph after = before;
  EXPECT_EQ(take_out_skip_biases(after), 1U);
  verify(after);
  EXPECT_THAT(dump(after), HasSubstr("Add(x, bias)"));
  EXPECT_LT(difference(before, after, {{"x", numbers({2, 3})}, {"z", numbers({2, 3})}}), 1e-12);
}

TEST(Int32Inputs, AreReadAsTheyAreOrWidened) {
  Graph graph = parse_text(R"(
    input ids int64[n]
    const table float32[5, 2] = ...
    narrow = Cast(ids) {to=6}
    a = Gather(table, narrow)
    b = Gather(table, ids)
    y = Add(a, b)
    output y
  )");
  const auto before =
      to_float64(interpret(graph, {{"ids", make_tensor<std::int64_t>({2}, {4, 1})}}).at("y"));
  EXPECT_EQ(use_int32_inputs(graph), 1U);
  verify(graph);
  EXPECT_EQ(graph.value(graph.inputs()[0]).dtype, DType::k_int32);
  EXPECT_THAT(dump(graph), Not(HasSubstr("narrow")));
  EXPECT_EQ(to_float64(interpret(graph, {{"ids", make_tensor<std::int32_t>({2}, {4, 1})}}).at("y")),
            before);
}

}  // namespace
}  // namespace hasten::graph
