#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view k_erf = R"(
  input x float32[n, 8]
  const two float32[] = 1.4142135
  const one float32[] = 1.0
  const half float32[] = 0.5
  a = Div(x, two)
  b = Erf(a)
  c = Add(b, one)
  d = Mul(x, c)
  y = Mul(d, half)
  output y
)";

TEST(FuseGelu, ErfForm) {
  const Rewritten result = rewrite(fuse_gelu, k_erf);
  EXPECT_EQ(result.text, normalized(R"(
    opset com.microsoft 1
    input x float32[n, 8]
    y = com.microsoft.Gelu(x)
    output y
  )"));
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_LT(difference_after(fuse_gelu, k_erf, {{"x", numbers({5, 8})}}), 1e-7);
}

}  // namespace
}  // namespace hasten::graph
