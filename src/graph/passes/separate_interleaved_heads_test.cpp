#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;

// Two heads of 2, with query, key and value of each side by side, as DeBERTa (the first) has them.
const std::string k_start = R"(
  input ids int64[batch, n]
  const words float32[9, 4] = ...
  const w float32[4, 12] = ...
  const b float32[12] = 1 2 3 4 5 6 7 8 9 10 11 12
  const shape int64[4] = 0 0 2 6
  const sizes int64[3] = 2 2 2
  x = Gather(words, ids)
)";
const std::string k_end = R"(
  f = Reshape(p, shape)
  t = Transpose(f) {perm=[0, 2, 1, 3]}
  q, k, v = Split(t, sizes) {axis=3}
  u = Transpose(k) {perm=[0, 1, 3, 2]}
  s = MatMul(q, u)
  y = MatMul(s, v)
  output y
)";

double changed(const std::string& text) {
  return difference_after(separate_interleaved_heads, text,
                          {{"ids", make_tensor<std::int64_t>({2, 3}, {0, 3, 8, 1, 5, 2})}});
}

TEST(SeparateInterleavedHeads, QueryKeyAndValueAreProductsOfTheirOwn) {
  const std::string text = k_start + "p = MatMul(x, w)\n" + k_end;
  const Rewritten result = rewrite(separate_interleaved_heads, text);
  EXPECT_EQ(result.outcome.rewrites, 3U);
  EXPECT_THAT(result.text, testing::Not(HasSubstr("Split")));
  EXPECT_THAT(result.text, HasSubstr("float32[4, 4]"));
  EXPECT_LT(changed(text), 1e-9);
}

TEST(SeparateInterleavedHeads, TheirBiasIsCutUpToo) {
  const std::string text = k_start + "m = MatMul(x, w)\np = Add(b, m)\n" + k_end;
  const Rewritten result = rewrite(separate_interleaved_heads, text);
  EXPECT_EQ(result.outcome.rewrites, 3U);
  EXPECT_THAT(result.text, HasSubstr("float32[4] = 1.0 2.0 7.0 8.0"));
  EXPECT_LT(changed(text), 1e-9);
}

TEST(SeparateInterleavedHeads, SoAreStoredIntegersAndTheirScales) {
  const std::string text = k_start + R"(
    const stored int8[4, 12] = ...
    const scales float32[12] = 1 2 3 4 5 6 7 8 9 10 11 12
    d = DequantizeLinear(stored, scales) {axis=1}
    p = MatMul(x, d)
  )" + k_end;
  const Rewritten result = rewrite(separate_interleaved_heads, text);
  EXPECT_EQ(result.outcome.rewrites, 3U);
  EXPECT_THAT(result.text, HasSubstr("int8[4, 4]"));
  EXPECT_THAT(result.text, HasSubstr("float32[4] = 3.0 4.0 9.0 10.0"));
  EXPECT_LT(changed(text), 1e-9);
}

// Tokens that are joined with heads are no columns, and columns that lie together need no product of their own.
TEST(SeparateInterleavedHeads, LeavesOtherLayoutsAlone) {
  EXPECT_EQ(rewrite(separate_interleaved_heads, k_start + R"(
    const flat int64[4] = 0 2 -1 6
    p = MatMul(x, w)
    f = Reshape(p, flat)
    q, k, v = Split(f, sizes) {axis=3}
    both = Add(q, k)
    y = Add(both, v)
    output y
  )")
                .outcome.rewrites,
            0U);
  EXPECT_EQ(rewrite(separate_interleaved_heads, k_start + R"(
    const parts int64[5] = 0 0 3 2 2
    const first int64[] = 1
    p = MatMul(x, w)
    f = Reshape(p, parts)
    y = Gather(f, first) {axis=2}
    output y
  )")
                .outcome.rewrites,
            0U);
}

}  // namespace
}  // namespace hasten::graph
