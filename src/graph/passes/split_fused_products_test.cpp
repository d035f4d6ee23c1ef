#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

std::string product(std::string_view attributes) {
  return R"(
    input x int64[batch, length]
    const table float32[3, 2] = 1 2 -1 0.5 3 -2
    a = Gather(table, x)
    b = Neg(a)
    y = com.microsoft.FusedMatMul(a, b) {)" +
         std::string(attributes) + R"(}
    output y
  )";
}

std::map<std::string, Tensor> ids() {
  return {{"x", make_tensor<std::int64_t>({2, 2}, {0, 1, 2, 1})}};
}

TEST(SplitFusedProducts, ScaledAndTurned) {
  for (const std::string_view attributes :
       {"alpha=0.25, transB=1", "transA=1", "alpha=2.0", "transA=1, transB=1, alpha=0.5", ""}) {
    const Rewritten rewritten = rewrite(split_fused_products, product(attributes));
    EXPECT_EQ(rewritten.outcome.rewrites, 1U) << attributes;
    EXPECT_THAT(rewritten.text, HasSubstr("= MatMul(")) << attributes;
    EXPECT_LT(difference_after(split_fused_products, product(attributes), ids()), 1e-12)
        << attributes;
  }
}

TEST(SplitFusedProducts, TurnedBatchesStay) {
  EXPECT_EQ(rewrite(split_fused_products, product("transBatchA=1, transA=1")).outcome.rewrites, 0U);
}

// As a damaged file declares it: the factor would be made of another type than the product.
TEST(SplitFusedProducts, LeavesProductsOfIntegersAlone) {
  const Rewritten result = rewrite(split_fused_products, R"(
    opset com.microsoft 1
    input x float32[n, 4]
    const w float32[4, 4] = ...
    h int64[n, 4] = Relu(x)
    y = com.microsoft.FusedMatMul(h, w) {alpha=0.5}
    output y
  )");
  EXPECT_EQ(result.outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph
