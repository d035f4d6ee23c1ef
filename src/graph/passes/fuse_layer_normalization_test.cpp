#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view k_constants = R"(
  const gamma float32[5] = 0.5 2.0 -1.0 1.0 0.25
  const beta float32[5] = 0.0 1.0 -1.0 0.125 3.0
  const epsilon float32[] = 1e-12
  const two float32[] = 2.0
)";

constexpr std::string_view k_fused = R"(
  input x float32[batch, n, 5]
  const gamma float32[5] = 0.5 2.0 -1.0 1.0 0.25
  const beta float32[5] = 0.0 1.0 -1.0 0.125 3.0
  y = LayerNormalization(x, gamma, beta) {axis=-1, epsilon=1e-12}
  output y
)";

struct Form {
  std::string_view name;
  std::string_view nodes;
};

constexpr Form k_forms[] = {
    {"pytorch", R"(
      m = ReduceMean(x) {axes=[-1]}
      d = Sub(x, m)
      s = Pow(d, two)
      v = ReduceMean(s) {axes=[-1]}
      e = Add(v, epsilon)
      r = Sqrt(e)
      n = Div(d, r)
      g = Mul(n, gamma)
      y = Add(g, beta)
    )"},
    {"axis from the front, squared by itself, difference made twice", R"(
      m = ReduceMean(x) {axes=[2]}
      d = Sub(x, m)
      d2 = Sub(x, m)
      s = Mul(d2, d2)
      v = ReduceMean(s) {axes=[2]}
      e = Add(epsilon, v)
      r = Sqrt(e)
      n = Div(d, r)
      g = Mul(gamma, n)
      y = Add(beta, g)
    )"},
    {"tensorflow", R"(
      m = ReduceMean(x) {axes=[2]}
      d = Sub(x, m)
      s = Mul(d, d)
      v = ReduceMean(s) {axes=[2]}
      e = Add(v, epsilon)
      r = Sqrt(e)
      i = Reciprocal(r)
      k = Mul(i, gamma)
      xk = Mul(x, k)
      mk = Mul(m, k)
      o = Sub(beta, mk)
      y = Add(xk, o)
    )"},
};

std::string make_text(std::string_view nodes) {
  return "opset 13\ninput x float32[batch, n, 5]\n" + std::string(k_constants) +
         std::string(nodes) + "\noutput y\n";
}

TEST(FuseLayerNormalization, FormsOfExporters) {
  for (const Form& form : k_forms) {
    const std::string text = make_text(form.nodes);
    const Rewritten result = rewrite(fuse_layer_normalization, text);
    EXPECT_EQ(result.text, normalized("opset 13\n" + std::string(k_fused))) << form.name;
    EXPECT_THAT(result.outcome.unmatched, IsEmpty()) << form.name;
    const double difference =
        difference_after(fuse_layer_normalization, text, {{"x", numbers({2, 3, 5})}});
    EXPECT_LT(difference, 1e-9) << form.name;
  }
}

TEST(FuseLayerNormalization, WithoutBeta) {
  const Rewritten result = rewrite(fuse_layer_normalization, make_text(R"(
      m = ReduceMean(x) {axes=[-1]}
      d = Sub(x, m)
      s = Pow(d, two)
      v = ReduceMean(s) {axes=[-1]}
      e = Add(v, epsilon)
      r = Sqrt(e)
      n = Div(d, r)
      y = Mul(n, gamma)
  )"));
  EXPECT_THAT(result.text, HasSubstr("y = LayerNormalization(x, gamma) {axis=-1, epsilon=1e-12}"));
}

TEST(FuseLayerNormalization, SaysWhichMeanIsNone) {
  const Rewritten result = rewrite(fuse_layer_normalization, make_text(R"(
      m = ReduceMean(x) {axes=[-1]}
      d = Sub(x, m)
      s = Mul(d, x)
      v = ReduceMean(s) {axes=[-1]}
      e = Add(v, epsilon)
      r = Sqrt(e)
      n = Div(x, r)
      g = Mul(n, gamma)
      y = Add(g, beta)
  )"));
  EXPECT_EQ(result.outcome.rewrites, 0U);
  EXPECT_THAT(
      result.outcome.unmatched,
      ElementsAre("node m (ReduceMean): expected to be the mean of a LayerNormalization with a "
                  "constant scale"));
}

TEST(FuseLayerNormalization, SimplifiedAfterTheMeanWasTakenAway) {
  constexpr std::string_view k_simplified = R"(
    input x float32[batch, n, 5]
    const gamma float32[5] = 0.5 2.0 -1.0 1.0 0.25
    m = ReduceMean(x) {axes=[-1]}
    d = Sub(x, m)
    y = SimplifiedLayerNormalization(d, gamma) {axis=-1, epsilon=1e-5}
    output y
  )";
  const Rewritten rewritten = rewrite(fuse_layer_normalization, k_simplified);
  EXPECT_EQ(rewritten.outcome.rewrites, 1U);
  EXPECT_THAT(rewritten.text, HasSubstr("y = LayerNormalization(x, gamma)"));
  EXPECT_LT(difference_after(fuse_layer_normalization, k_simplified, {{"x", numbers({2, 3, 5})}}),
            1e-12);
}

}  // namespace
}  // namespace hasten::graph
