#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

// What optimisers make of a product with its bias, between heads that are joined and the width that they
// came from.
constexpr std::string_view k_heads = R"(
  input ids int64[batch, n]
  const words float32[9, 4] = ...
  const w float32[6, 4] = ...
  const b float32[6] = 0.1 0.2 -0.3 0.4 0.5 -0.6
  const back float32[6, 3] = ...
  const flat int64[2] = -1 4
  const wide int64[2] = -1 6
  const zero int64[1] = 0
  const one int64[1] = 1
  const heads int64[2] = 2 3
  const width int64[1] = 3
  x = Gather(words, ids)
  shape = Shape(ids)
  texts = Gather(shape, zero)
  length = Gather(shape, one)
  f = Reshape(x, flat)
  p = Gemm(f, w, b) {transB=1}
  split = Concat(texts, length, heads) {axis=0}
  h = Reshape(p, split)
  g = Reshape(h, wide)
  q = MatMul(g, back)
  join = Concat(texts, length, width) {axis=0}
  y = Reshape(q, join)
  output y
)";

TEST(RestateFlatProducts, WithBiasAndHeads) {
  const Rewritten result = rewrite(restate_flat_products, k_heads);
  EXPECT_EQ(result.outcome.rewrites, 2U);
  EXPECT_THAT(result.text, HasSubstr("MatMul(x, w.turned)"));
  EXPECT_THAT(result.text, testing::Not(HasSubstr("Gemm")));
  EXPECT_THAT(result.text, testing::Not(HasSubstr("Reshape(x, flat)")));
  EXPECT_LT(difference_after(restate_flat_products, k_heads,
                             {{"ids", make_tensor<std::int64_t>({2, 3}, {0, 3, 8, 1, 5, 2})}}),
            1e-9);
}

// As onnxsim writes a feed-forward layer for texts of one length, with biases in its products.
constexpr std::string_view k_between = R"(
  input ids int64[1, 3]
  const words float32[9, 4] = ...
  const w float32[4, 6] = ...
  const b float32[6] = 0.1 0.2 -0.3 0.4 0.5 -0.6
  const back float32[6, 4] = ...
  const again float32[4, 2] = ...
  const flat int64[2] = -1 4
  const rows int64[3] = -1 3 4
  const last int64[3] = 1 3 2
  const half float32[1] = 0.5
  x = Gather(words, ids)
  f = Reshape(x, flat)
  p = Gemm(f, w, b)
  e = Erf(p)
  g = Mul(e, p)
  h = Mul(half, g)
  q = Gemm(h, back)
  r = Reshape(q, rows)
  s = Reshape(r, flat)
  t = MatMul(s, again)
  y = Reshape(t, last)
  z = Tanh(y)
  output z
)";

TEST(RestateFlatProducts, WithWhatIsComputedElementByElementBetween) {
  const Rewritten result = rewrite(restate_flat_products, k_between);
  EXPECT_EQ(result.outcome.rewrites, 6U);
  EXPECT_THAT(result.text, testing::Not(HasSubstr("Reshape")));
  EXPECT_THAT(result.text, testing::Not(HasSubstr("Gemm")));
  EXPECT_LT(difference_after(restate_flat_products, k_between,
                             {{"ids", make_tensor<std::int64_t>({1, 3}, {0, 3, 8})}}),
            1e-9);
}

// What differs from token to token along the flat axis stays where it is.
TEST(RestateFlatProducts, LeavesFactorsOfTokensAlone) {
  constexpr std::string_view k_text = R"(
    input ids int64[1, 3]
    const words float32[9, 4] = ...
    const w float32[4, 3] = ...
    const flat int64[2] = -1 4
    const rows int64[3] = 1 3 3
    const factors float32[3, 1] = 0.5 1.5 2.5
    x = Gather(words, ids)
    f = Reshape(x, flat)
    p = MatMul(f, w)
    m = Mul(p, factors)
    y = Reshape(m, rows)
    output y
  )";
  const Rewritten result = rewrite(restate_flat_products, k_text);
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_THAT(result.text, HasSubstr("y = Reshape(m, rows)"));
  EXPECT_LT(difference_after(restate_flat_products, k_text,
                             {{"ids", make_tensor<std::int64_t>({1, 3}, {0, 3, 8})}}),
            1e-9);
}

// One row a text is no row of tokens.
TEST(RestateFlatProducts, LeavesPooledRowsAlone) {
  EXPECT_EQ(rewrite(restate_flat_products, R"(
    input ids int64[batch, n]
    const words float32[9, 4] = ...
    const w float32[4, 3] = ...
    const first int64[] = 0
    const flat int64[2] = -1 4
    x = Gather(words, ids)
    c = Gather(x, first) {axis=1}
    f = Reshape(c, flat)
    y = MatMul(f, w)
    output y
  )")
                .outcome.rewrites,
            0U);
}

}  // namespace
}  // namespace hasten::graph
