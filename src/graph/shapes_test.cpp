#include "graph/shapes.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/dump.h"

namespace hasten::graph {
namespace {

// The graph after inference, without the lines of its inputs and constants.
std::string inferred(std::string_view text) {
  Graph graph = parse_text(text);
  infer_shapes(graph);
  std::string out;
  const std::string all = dump(graph);
  for (std::size_t start = 0; start < all.size();) {
    const std::size_t end = all.find('\n', start);
    const std::string line = all.substr(start, end - start);
    if (line.find('(') != line.npos && !line.starts_with("const"))
      out += line.substr(0, line.find(" =")) + '\n';
    start = end + 1;
  }
  return out;
}

TEST(InferShapes, CarriesNamesThrough) {
  EXPECT_EQ(inferred(R"(
    input ids int64[batch, sequence]
    const table float32[100, 32] = ...
    const w float32[32, 64] = ...
    const b float32[64] = ...
    e = Gather(table, ids)
    p = MatMul(e, w)
    s = Add(p, b)
    t = Transpose(s) {perm=[0, 2, 1]}
    m = MatMul(s, t)
    c = Cast(m) {to=10}
    r = ReduceMean(c) {axes=[-1], keepdims=0}
    g = Greater(r, r)
    output g
  )"),
            R"(e float32[batch, sequence, 32]
p float32[batch, sequence, 64]
s float32[batch, sequence, 64]
t float32[batch, 64, sequence]
m float32[batch, sequence, sequence]
c float16[batch, sequence, sequence]
r float16[batch, sequence]
g bool[batch, sequence]
)");
}

TEST(InferShapes, FollowsShapesThatAreComputed) {
  EXPECT_EQ(inferred(R"(
    input x float32[batch, sequence, 32]
    const i0 int64[] = 0
    const zero int64[1] = 0
    const heads int64[1] = 4
    const free int64[1] = -1
    const one int64[1] = 1
    s = Shape(x)
    n = Gather(s, i0)
    n1 = Unsqueeze(n, zero)
    q = Slice(s, one, heads)
    q1 = Slice(q, zero, one)
    target = Concat(n1, q1, heads, free) {axis=0}
    split = Reshape(x, target)
    by_head = Transpose(split) {perm=[0, 2, 1, 3]}
    output by_head
  )"),
            R"(s int64[3]
n int64[]
n1 int64[1]
q int64[2]
q1 int64[1]
target int64[4]
split float32[batch, sequence, 4, 8]
by_head float32[batch, 4, sequence, 8]
)");
}

// TorchScript's way to expand: -1 stands for "as it is", and never occurs here.
TEST(InferShapes, SeesThroughTheChoiceOfUnknownDimensions) {
  EXPECT_EQ(inferred(R"(
    input ids int64[batch, sequence]
    input row int64[1, sequence]
    const minus int64[] = -1
    const rank int64[1] = 2
    s = Shape(ids)
    ones = ConstantOfShape(rank) {value=tensor(int64[1] = 1)}
    wild = Mul(ones, minus)
    is_wild = Equal(s, wild)
    target = Where(is_wild, ones, s)
    full = Expand(row, target)
    output full
  )"),
            R"(s int64[2]
ones int64[2]
wild int64[2]
is_wild bool[2]
target int64[2]
full int64[batch, sequence]
)");
}

TEST(InferShapes, TakesASliceUpToADimensionForThatDimension) {
  EXPECT_EQ(inferred(R"(
    input ids int64[batch, sequence]
    const positions int64[1, 512] = ...
    const zero int64[1] = 0
    const one int64[1] = 1
    length = Shape(ids) {start=1}
    cut = Slice(positions, zero, length, one)
    part = Slice(positions, zero, one, one)
    output cut
    output part
  )"),
            R"(length int64[1]
cut int64[1, sequence]
part int64[1, 1]
)");
}

TEST(InferShapes, DerivesFusedOperators) {
  EXPECT_EQ(inferred(R"(
    input ids int32[batch, sequence]
    const word float32[10, 8] = ...
    const position float32[10, 8] = ...
    const g float32[8] = ...
    const w float32[8, 24] = ...
    e, lengths, sum = com.microsoft.EmbedLayerNormalization(ids, _, word, position, _, g, g)
    a = com.microsoft.Attention(e, w, _) {num_heads=2}
    n, _, _, s = com.microsoft.SkipLayerNormalization(a, e, g, g)
    output n
  )"),
            R"(e float32[batch, sequence, 8], lengths int32[batch], sum float32[batch, sequence, 8]
a float32[batch, sequence, 8]
n float32[batch, sequence, 8], _, _, s float32[batch, sequence, 8]
)");
}

TEST(InferShapes, KeepsWhatIsDeclaredWhereNothingFollows) {
  EXPECT_EQ(inferred(R"(
    input x float32[?, 4]
    y float32[n, 4] = Exp(x)
    z float32[n, 2] = com.example.Unheard(y)
    output z
  )"),
            "y float32[n, 4]\nz float32[n, 2]\n");
}

TEST(InferShapes, ReplacesWhatIsDeclaredWrongly) {
  EXPECT_EQ(inferred("input x float32[2, 4]\ny float32[3, 4] = Exp(x)\noutput y"),
            "y float32[2, 4]\n");
}

TEST(InferShapes, RefusesShapesThatCannotFit) {
  EXPECT_THROW(inferred("input x float32[2]\ninput y float32[3]\nz = Add(x, y)\noutput z"), Error);
  EXPECT_THROW(inferred("input x float32[2, 3]\ninput y float32[2, 3]\nz = MatMul(x, y)\noutput z"),
               Error);
  EXPECT_THROW(inferred("input x float32[2]\nz = Transpose(x) {perm=[1]}\noutput z"), Error);
}

}  // namespace
}  // namespace hasten::graph
