#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

TEST(EliminateCommonSubexpressions, ComputesOnce) {
  const Rewritten result = rewrite(eliminate_common_subexpressions, R"(
    input x float32[n, 4]
    const a int64[1] = 1
    const b int64[1] = 1
    p = Unsqueeze(x, a)
    q = Unsqueeze(x, b)
    e = Exp(p)
    f = Exp(q)
    y = Add(e, f)
    output y
  )");
  EXPECT_EQ(result.text, normalized(R"(
    input x float32[n, 4]
    const a int64[1] = 1
    p = Unsqueeze(x, a)
    e = Exp(p)
    y = Add(e, e)
    output y
  )"));
}

TEST(EliminateCommonSubexpressions, TellsTypesShapesAndAttributesApart) {
  const std::string text = normalized(R"(
    input x float32[n, 4]
    const a int64[1] = 1
    const b int64[] = 1
    const c int32[2] = 1 0
    p = Gather(x, a) {axis=1}
    q = Gather(x, b) {axis=1}
    r = Gather(x, c) {axis=1}
    s = Gather(x, a) {axis=0}
    output p
    output q
    output r
    output s
  )");
  EXPECT_EQ(rewrite(eliminate_common_subexpressions, text).text, text);
}

}  // namespace
}  // namespace hasten::graph
