#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;
using testing::Not;

// Queries [batch, length, 6] looked up, with two heads of three, and the position rows [2, 2, 3].
constexpr std::string_view k_heads = R"(
  opset 17
  input x int64[batch, length]
  const table float32[3, 6] = 1 2 3 4 5 6 6 5 4 3 2 1 0 1 0 -1 2 -2
  const split int64[4] = 0 0 2 3
  rows = Gather(table, x)
  apart = Reshape(rows, split)
  q = Transpose(apart) {perm=[0, 2, 1, 3]}
  shape = Shape(q)
  const zero int64[1] = 0
  const one int64[1] = 1
  const two int64[1] = 2
  const minus int64[1] = -1
  const heads int64[1] = 2
  const size int64[1] = 3
  length_of = Slice(shape, two, size)
  batch_of = Slice(shape, zero, one)
)";

std::string with_heads(std::string_view rest) {
  return std::string(k_heads) + std::string(rest);
}

std::map<std::string, Tensor> ids() {
  return {{"x", make_tensor<std::int64_t>({2, 4}, {0, 1, 2, 1, 2, 2, 0, 1})}};
}

std::string scores(std::string_view output) {
  return with_heads(R"(
    target = Concat(minus, length_of, size) {axis=0}
    f = Reshape(q, target)
    t = Transpose(f) {perm=[0, 2, 1]}
    const scale float32[] = 2
    d = Div(t, scale)
    s = MatMul(f, d)
    p = Softmax(s) {axis=-1}
    back = Concat(batch_of, heads, length_of, length_of) {axis=0}
    r = Reshape(p, back)
    y = Neg(r)
    output )") +
         std::string(output);
}

TEST(UnflattenHeads, ScoresAndScaling) {
  const Rewritten rewritten = rewrite(unflatten_heads, scores("y"));
  EXPECT_EQ(rewritten.outcome.rewrites, 1U);
  EXPECT_THAT(rewritten.text, HasSubstr("{perm=[0, 1, 3, 2]}"));
  EXPECT_THAT(rewritten.text, Not(HasSubstr("Reshape(q")));
  EXPECT_LT(difference_after(unflatten_heads, scores("y"), ids()), 1e-12);
}

TEST(UnflattenHeads, AnOutputOfTheGraphStays) {
  EXPECT_EQ(rewrite(unflatten_heads, scores("r")).outcome.rewrites, 0U);
}

TEST(UnflattenHeads, ProductsWithRowsThatAllTextsShareAreLookedUp) {
  const std::string text = with_heads(R"(
    target = Concat(minus, length_of, size) {axis=0}
    f = Reshape(q, target)
    const positions float32[2, 2, 3] = 1 0 2 -1 1 0 3 1 1 0 0 1
    repeats = Concat(batch_of, one, one) {axis=0}
    every = Tile(positions, repeats)
    t = Transpose(every) {perm=[0, 2, 1]}
    products = MatMul(f, t)
    const start int64[] = 0
    const step int64[] = 1
    end = Squeeze(length_of, zero)
    places = Range(start, end, step)
    column = Unsqueeze(places, one)
    row = Unsqueeze(places, zero)
    later = Greater(column, row)
    entries = Cast(later) {to=7}
    single = Unsqueeze(entries, zero)
    pairs = Mul(batch_of, heads)
    spread = Concat(pairs, length_of, length_of) {axis=0}
    every_entry = Expand(single, spread)
    found = GatherElements(products, every_entry) {axis=2}
    turned = Transpose(found) {perm=[0, 2, 1]}
    sum = Add(found, turned)
    back = Concat(batch_of, heads, length_of, length_of) {axis=0}
    r = Reshape(sum, back)
    y = Neg(r)
    output y
  )");
  const Rewritten rewritten = rewrite(unflatten_heads, text);
  EXPECT_EQ(rewritten.outcome.rewrites, 1U);
  EXPECT_THAT(rewritten.text, Not(HasSubstr("Tile")));
  EXPECT_LT(difference_after(unflatten_heads, text, ids()), 1e-12);
}

TEST(UnflattenHeads, OtherReshapesStay) {
  const std::string text = with_heads(R"(
    target = Concat(minus, size) {axis=0}
    f = Reshape(q, target)
    t = Transpose(q) {perm=[0, 1, 3, 2]}
    u = Transpose(rows) {perm=[0, 2, 1]}
    y = Neg(f)
    output y
    output t
    output u
  )");
  EXPECT_EQ(rewrite(unflatten_heads, text).outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph
