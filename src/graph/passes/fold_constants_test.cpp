#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

TEST(FoldConstants, ComputesWhatDependsOnConstantsAlone) {
  const Rewritten result = rewrite(fold_constants, R"(
    input x float32[n, 4]
    const a int64[1] = 0
    const b int64[1] = 2
    const c float32[] = 9.0
    ab = Concat(a, b, b) {axis=0}
    root = Sqrt(c)
    r = Reshape(x, ab)
    y = Div(r, root)
    output y
  )");
  EXPECT_EQ(result.text, normalized(R"(
    input x float32[n, 4]
    const ab_1 int64[3] = 0 2 2
    const root_1 float32[] = 3.0
    r = Reshape(x, ab_1)
    y = Div(r, root_1)
    output y
  )"));
}

TEST(FoldConstants, LeavesStoredWeightsAsTheyAre) {
  const std::string text = normalized(R"(
    input x float32[n, 3]
    const w int8[3, 3] = ...
    const scale float32[] = 0.5
    const half float16[3, 3] = ...
    d = DequantizeLinear(w, scale)
    h = Cast(half) {to=1}
    a = MatMul(x, d)
    y = MatMul(a, h)
    output y
  )");
  EXPECT_EQ(rewrite(fold_constants, text).text, text);
}

}  // namespace
}  // namespace hasten::graph
