#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;
using testing::Not;

// x [batch, length] of ids gives packed projections [batch, length, 3 * 2 * 2].
std::string packed(std::string_view rest, std::string_view opset = "17") {
  std::string text = "opset " + std::string(opset) + R"(
    input x int64[batch, length]
    const table float32[2, 12] = 1 2 3 4 5 6 7 8 9 10 11 12 12 11 10 9 8 7 6 5 4 3 2 1
    p = Gather(table, x)
  )";
  return text + std::string(rest);
}

std::map<std::string, Tensor> ids() {
  return {{"x", make_tensor<std::int64_t>({2, 3}, {0, 1, 1, 1, 0, 0})}};
}

TEST(SeparateProjections, SplitAndSqueezed) {
  const std::string text = packed(R"(
    const axes int64[5] = 0 0 3 2 2
    f = Reshape(p, axes)
    t = Transpose(f) {perm=[0, 3, 2, 1, 4]}
    const ones int64[3] = 1 1 1
    a, b, c = Split(t, ones) {axis=2}
    const two int64[1] = 2
    q = Squeeze(a, two)
    k = Squeeze(b, two)
    v = Squeeze(c, two)
    output q
    output k
    output v
  )");
  const Rewritten rewritten = rewrite(separate_projections, text);
  EXPECT_EQ(rewritten.outcome.rewrites, 3U);
  EXPECT_THAT(rewritten.text, HasSubstr("Split(p,"));
  EXPECT_THAT(rewritten.text, Not(HasSubstr("perm=[0, 3, 2, 1, 4]")));
  EXPECT_LT(difference_after(separate_projections, text, ids()), 1e-12);
}

TEST(SeparateProjections, ChosenFromTheFrontInAnOlderOpset) {
  const std::string text = packed(R"(
    const axes int64[5] = 0 0 3 2 2
    f = Reshape(p, axes)
    t = Transpose(f) {perm=[2, 0, 3, 1, 4]}
    const second int64[] = 1
    k = Gather(t, second) {axis=0}
    output k
  )",
                                  "11");
  const Rewritten rewritten = rewrite(separate_projections, text);
  EXPECT_EQ(rewritten.outcome.rewrites, 1U);
  EXPECT_THAT(rewritten.text, HasSubstr("split=[4, 4, 4]"));
  EXPECT_LT(difference_after(separate_projections, text, ids()), 1e-12);
}

TEST(SeparateProjections, HeadsAfterTokens) {
  const std::string text = packed(R"(
    const axes int64[5] = 0 0 3 2 2
    f = Reshape(p, axes)
    const last int64[] = 2
    v = Gather(f, last) {axis=2}
    output v
  )");
  const Rewritten rewritten = rewrite(separate_projections, text);
  EXPECT_EQ(rewritten.outcome.rewrites, 1U);
  EXPECT_THAT(rewritten.text, Not(HasSubstr("Transpose")));
  EXPECT_LT(difference_after(separate_projections, text, ids()), 1e-12);
}

// Query, key and value of one head beside each other: no columns that lie together.
TEST(SeparateProjections, InterleavedHeadsStay) {
  const std::string text = packed(R"(
    const axes int64[5] = 0 0 2 3 2
    f = Reshape(p, axes)
    t = Transpose(f) {perm=[0, 2, 3, 1, 4]}
    const second int64[] = 1
    k = Gather(t, second) {axis=2}
    output k
  )");
  EXPECT_EQ(rewrite(separate_projections, text).outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph
