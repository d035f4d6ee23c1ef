#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

const std::string k_start = R"(
  input ids int64[batch, n]
  const words float32[9, 6] = ...
  const w float32[6, 6] = ...
  const shape int64[4] = 0 0 2 3
  x = Gather(words, ids)
  p = MatMul(x, w)
  f = Reshape(p, shape)
)";

double changed(const std::string& text) {
  return difference_after(move_head_biases, text,
                          {{"ids", make_tensor<std::int64_t>({2, 3}, {0, 3, 8, 1, 5, 2})}});
}

TEST(MoveHeadBiases, BehindTheProduct) {
  const std::string text = k_start + R"(
    const b float32[1, 2, 1, 3] = 1 2 3 4 5 6
    t = Transpose(f) {perm=[0, 2, 1, 3]}
    y = Add(b, t)
    z = Neg(y)
    output z
  )";
  const Rewritten result = rewrite(move_head_biases, text);
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_THAT(result.text, HasSubstr("float32[6] = 1.0 2.0 3.0 4.0 5.0 6.0"));
  EXPECT_THAT(result.text, HasSubstr("Add(p, b.columns)"));
  EXPECT_LT(changed(text), 1e-9);
}

TEST(MoveHeadBiases, OfHeadsThatWereNotTurned) {
  const std::string text = k_start + R"(
    const b float32[2, 3] = 1 2 3 4 5 6
    y = Add(f, b)
    z = Neg(y)
    output z
  )";
  EXPECT_EQ(rewrite(move_head_biases, text).outcome.rewrites, 1U);
  EXPECT_LT(changed(text), 1e-9);
}

TEST(MoveHeadBiases, LeavesWhatIsTheSameForHeadsOrDiffersBetweenTokensAlone) {
  for (const std::string bias : {"[1, 1, 1, 3] = 1 2 3", "[1, 2, 1, 1] = 1 2"}) {
    EXPECT_EQ(rewrite(move_head_biases, k_start + "const b float32" + bias + R"(
      t = Transpose(f) {perm=[0, 2, 1, 3]}
      y = Add(t, b)
      z = Neg(y)
      output z
    )")
                  .outcome.rewrites,
              0U)
        << bias;
  }
}

}  // namespace
}  // namespace hasten::graph
