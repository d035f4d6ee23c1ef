#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view k_fused = R"(
  opset com.microsoft 1
  input x float32[n, 8]
  y = com.microsoft.Gelu(x)
  output y
)";

constexpr std::string_view k_fused_fast = R"(
  opset com.microsoft 1
  input x float32[n, 8]
  y = com.microsoft.FastGelu(x)
  output y
)";

constexpr std::string_view k_fused_and_cut = R"(
  opset com.microsoft 1
  input x float32[n, 8]
  const low float32[] = -10.0
  const high float32[] = 10.0
  g = com.microsoft.Gelu(x)
  y = Clip(g, low, high)
  output y
)";

struct Form {
  std::string_view name;
  std::string_view text;
  std::string_view expected;
};

constexpr Form k_forms[] = {
    {"pytorch", R"(
      input x float32[n, 8]
      const root float32[] = 1.4142135
      const one float32[] = 1.0
      const half float32[] = 0.5
      a = Div(x, root)
      b = Erf(a)
      c = Add(b, one)
      d = Mul(x, c)
      y = Mul(d, half)
      output y
    )",
     k_fused},
    {"cut at 10, which is no part of it", R"(
      input x float32[n, 8]
      const root float32[] = 1.4142135
      const one float32[] = 1.0
      const half float32[] = 0.5
      const low float32[] = -10.0
      const high float32[] = 10.0
      a = Div(x, root)
      b = Erf(a)
      c = Add(b, one)
      d = Mul(x, c)
      g = Mul(d, half)
      y = Clip(g, low, high)
      output y
    )",
     k_fused_and_cut},
    {"half first, one on the left", R"(
      input x float32[n, 8]
      const root float32[1] = 1.4142135
      const one float32[] = 1.0
      const half float32[] = 0.5
      h = Mul(half, x)
      a = Div(x, root)
      b = Erf(a)
      c = Add(one, b)
      y = Mul(h, c)
      output y
    )",
     k_fused},
    {"multiplied by the root of one half, half on the inner side", R"(
      input x float32[n, 8]
      const root float32[] = 0.70710677
      const one float32[] = 1.0
      const half float32[] = 0.5
      a = Mul(x, root)
      b = Erf(a)
      c = Add(b, one)
      d = Mul(c, half)
      y = Mul(x, d)
      output y
    )",
     k_fused},
    {"tanh", R"(
      input x float32[n, 8]
      const three float32[] = 3.0
      const small float32[] = 0.044715
      const root float32[] = 0.7978846
      const one float32[] = 1.0
      const half float32[] = 0.5
      a = Pow(x, three)
      b = Mul(a, small)
      c = Add(x, b)
      d = Mul(c, root)
      e = Tanh(d)
      f = Add(one, e)
      h = Mul(x, half)
      y = Mul(h, f)
      output y
    )",
     k_fused_fast},
    {"tanh of a factored polynomial", R"(
      input x float32[n, 8]
      const small float32[] = 0.044715
      const root float32[] = 0.79788456
      const one float32[] = 1.0
      const half float32[] = 0.5
      a = Mul(x, small)
      b = Mul(a, x)
      c = Add(b, one)
      d = Mul(x, root)
      e = Mul(d, c)
      f = Tanh(e)
      g = Add(f, one)
      h = Mul(x, half)
      y = Mul(g, h)
      output y
    )",
     k_fused_fast},
};

TEST(FuseGelu, FormsOfExporters) {
  for (const Form& form : k_forms) {
    const Rewritten result = rewrite(fuse_gelu, form.text);
    EXPECT_EQ(result.text, normalized(form.expected)) << form.name;
    EXPECT_THAT(result.outcome.unmatched, IsEmpty()) << form.name;
    EXPECT_LT(difference_after(fuse_gelu, form.text, {{"x", numbers({5, 8})}}), 1e-7) << form.name;
  }
}

TEST(FuseGelu, SaysWhichErfIsNoGelu) {
  const Rewritten result = rewrite(fuse_gelu, R"(
    input x float32[n, 8]
    const root float32[] = 1.5
    const one float32[] = 1.0
    a = Div(x, root)
    b = Erf(a)
    c = Add(b, one)
    y = Mul(x, c)
    output y
  )");
  EXPECT_EQ(result.outcome.rewrites, 0U);
  EXPECT_THAT(result.outcome.unmatched,
              ElementsAre("node b (Erf): expected to be a part of GELU (a product of x and a "
                          "function of x)"));
}

TEST(FuseGelu, LeavesPlainTanhAlone) {
  const Rewritten result = rewrite(fuse_gelu, R"(
    input x float32[n, 8]
    y = Tanh(x)
    output y
  )");
  EXPECT_EQ(result.outcome.rewrites, 0U);
  EXPECT_THAT(result.outcome.unmatched, IsEmpty());
}

}  // namespace
}  // namespace hasten::graph
