#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

constexpr std::string_view k_biased = R"(
  input x float32[n, 3]
  const bias float32[3] = 1.0 -2.0 0.5
  s = Add(bias, x)
  y = com.microsoft.Gelu(s)
  output y
)";

TEST(FuseBiasGelu, TakesTheBias) {
  const Rewritten result = rewrite(fuse_bias_gelu, k_biased);
  EXPECT_EQ(result.text, normalized(R"(
    opset com.microsoft 1
    input x float32[n, 3]
    const bias float32[3] = 1.0 -2.0 0.5
    y = com.microsoft.BiasGelu(x, bias)
    output y
  )"));
  EXPECT_LT(difference_after(fuse_bias_gelu, k_biased, {{"x", numbers({4, 3})}}), 1e-12);
}

TEST(FuseBiasGelu, FastGeluHasABiasInputOfItsOwn) {
  const Rewritten result = rewrite(fuse_bias_gelu, R"(
    input x float32[n, 3]
    const bias float32[1, 3] = 1.0 -2.0 0.5
    s = Add(x, bias)
    y = com.microsoft.FastGelu(s)
    output y
  )");
  EXPECT_EQ(result.text, normalized(R"(
    opset com.microsoft 1
    input x float32[n, 3]
    const bias.vector float32[3] = 1.0 -2.0 0.5
    y = com.microsoft.FastGelu(x, bias.vector)
    output y
  )"));
}

TEST(FuseBiasGelu, LeavesOtherSumsAlone) {
  for (const std::string_view text : {R"(
         input x float32[n, 3]
         const one float32[1] = 1.0
         s = Add(x, one)
         y = com.microsoft.Gelu(s)
         output y
       )",
                                      R"(
         input x float32[n, 3]
         const bias float32[3] = 1.0 -2.0 0.5
         s = Add(x, bias)
         y = com.microsoft.Gelu(s)
         output y
         output s
       )"}) {
    EXPECT_EQ(rewrite(fuse_bias_gelu, text).outcome.rewrites, 0U) << text;
  }
}

}  // namespace
}  // namespace hasten::graph
