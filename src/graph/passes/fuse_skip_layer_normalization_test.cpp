#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

constexpr std::string_view k_head = R"(
  opset com.microsoft 1
  input a float32[batch, n, 4]
  input x float32[batch, n, 3]
  const w float32[4, 3] = ...
  const bias float32[3] = 1.0 2.0 3.0
  const gamma float32[3] = 1.0 0.5 2.0
  const beta float32[3] = 0.0 -1.0 1.0
  d = MatMul(a, w)
)";

std::string with_head(std::string_view rest) {
  return std::string(k_head) + std::string(rest);
}

struct Case {
  std::string_view before, after;
};

TEST(FuseSkipLayerNormalization, SumsAndBiases) {
  for (const Case& tried : {Case{R"(
         e = Add(d, bias)
         s = Add(e, x)
         y = LayerNormalization(s, gamma, beta) {axis=-1, epsilon=1e-12}
         output y
       )",
                                 R"(
         y = com.microsoft.SkipLayerNormalization(d, x, gamma, beta, bias) {epsilon=1e-12}
         output y
       )"},
                            Case{R"(
         e = Add(bias, d)
         s = Add(x, e)
         y = LayerNormalization(s, gamma, beta)
         output y
       )",
                                 R"(
         y = com.microsoft.SkipLayerNormalization(d, x, gamma, beta, bias) {epsilon=1e-05}
         output y
       )"}}) {
    const std::string before = with_head(tried.before);
    EXPECT_EQ(rewrite(fuse_skip_layer_normalization, before).text,
              normalized(with_head(tried.after)));
    EXPECT_LT(difference_after(fuse_skip_layer_normalization, before,
                               {{"a", numbers({2, 3, 4})}, {"x", numbers({2, 3, 3})}}),
              1e-9);
  }
}

TEST(FuseSkipLayerNormalization, NoBias) {
  const Rewritten result = rewrite(fuse_skip_layer_normalization, R"(
    input a float32[batch, n, 4]
    input x float32[batch, n, 3]
    const w float32[4, 3] = ...
    const gamma float32[3] = 1.0 0.5 2.0
    const beta float32[3] = 0.0 -1.0 1.0
    d = MatMul(a, w)
    s = Add(x, d)
    y = LayerNormalization(s, gamma, beta)
    output y
  )");
  EXPECT_THAT(result.text, testing::HasSubstr(
                               "com.microsoft.SkipLayerNormalization(d, x, gamma, beta) {epsilon"));
}

TEST(FuseSkipLayerNormalization, LeavesSumsThatAreReadElsewhere) {
  const Rewritten result = rewrite(fuse_skip_layer_normalization, with_head(R"(
    e = Add(d, bias)
    s = Add(e, x)
    y = LayerNormalization(s, gamma, beta)
    output y
    output s
  )"));
  EXPECT_EQ(result.outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph
