#include "graph/passes/attention_text_test.h"
#include "graph/passes/split_rotary_embedding.h"

namespace hasten::graph {
namespace {

using testing::HasSubstr;
using testing::Not;

// Two heads of four, turned before or after they are laid out; angles [n, 2].
constexpr std::string_view k_angles = R"(
  opset com.microsoft 1
  input ids int64[batch, n]
  input attention_mask int64[batch, n]
  const words float32[9, 8] = ...
  const split int64[4] = 0 0 2 4
  const zero int64[] = 0
  const one int64[] = 1
  const step int64[] = 1
  const column int64[1] = 1
  const rates float32[1, 2] = 1.0 0.1
  const begin int64[1] = 0
  const half int64[1] = 2
  const end int64[1] = 4
  const last int64[1] = -1
  x = Gather(words, ids)
  shape = Shape(ids)
  length = Gather(shape, one)
  range = Range(zero, length, step)
  places = Cast(range) {to=1}
  by_row = Unsqueeze(places, column)
  angles = Mul(by_row, rates)
  both = Concat(angles, angles) {axis=-1}
  cosines = Cos(both)
  sines = Sin(both)
  heads = Reshape(x, split)
)";

std::string rotated(std::string_view axes, std::string_view layout, std::string_view order) {
  return std::string(k_angles) + "const axes int64[2] = " + std::string(axes) + "\n" +
         std::string(layout) + R"(
    c = Unsqueeze(cosines, axes)
    s = Unsqueeze(sines, axes)
    first = Slice(q, begin, half, last)
    second = Slice(q, half, end, last)
    negated = Neg(second)
)" + "other = Concat(" +
         std::string(order) +
         R"() {axis=-1}
    plain = Mul(q, c)
    turned = Mul(other, s)
    y = Add(plain, turned)
    output y
  )";
}

const std::string k_by_head =
    rotated("0 1", "q = Transpose(heads) {perm=[0, 2, 1, 3]}", "negated, first");

TEST(FuseRotaryEmbedding, HeadsLaidOut) {
  const Rewritten result = rewrite(fuse_rotary_embedding, k_by_head);
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_THAT(result.text, HasSubstr("com.microsoft.RotaryEmbedding(x, "));
  EXPECT_THAT(result.text, Not(HasSubstr("Neg(")));
  EXPECT_LT(difference_after(fuse_rotary_embedding, k_by_head, attention_inputs()), 1e-7);
}

TEST(FuseRotaryEmbedding, HeadsSideBySide) {
  const std::string before = rotated("0 2", "q = Identity(heads)", "negated, first");
  const Rewritten result = rewrite(fuse_rotary_embedding, before);
  EXPECT_EQ(result.outcome.rewrites, 1U);
  EXPECT_LT(difference_after(fuse_rotary_embedding, before, attention_inputs()), 1e-7);
}

// Without attention behind it, too, the engine gets what turns heads, and no merge in between.
TEST(FuseRotaryEmbedding, IsSplitWithoutMerging) {
  const Graph before = parse_text(k_by_head);
  Graph graph = before;
  fuse_rotary_embedding(graph);
  graph.sort();
  graph.remove_dead();
  EXPECT_EQ(split_rotary_embeddings(graph), 1U);
  const std::string text = dump(graph);
  EXPECT_THAT(text, Not(HasSubstr("RotaryEmbedding(")));
  EXPECT_THAT(text, Not(HasSubstr("y.RotaryEmbedding = Reshape(")));
  EXPECT_LT(difference(before, graph, attention_inputs()), 1e-7);
}

// The other direction, and angles that differ between the halves, are other functions.
TEST(FuseRotaryEmbedding, LeavesOthersAlone) {
  std::string uneven = k_by_head;
  const std::string joined = "Concat(angles, angles)";
  uneven.replace(uneven.find(joined), joined.size(), "Concat(angles, by_row, by_row)");
  EXPECT_EQ(rewrite(fuse_rotary_embedding, uneven).outcome.rewrites, 0U);
  std::string exchanged = k_by_head;
  const std::string cut = "second = Slice(q, half, end, last)";
  exchanged.replace(exchanged.find(cut), cut.size(), "second = Slice(q, begin, half, last)");
  EXPECT_EQ(rewrite(fuse_rotary_embedding, exchanged).outcome.rewrites, 0U);
}

}  // namespace
}  // namespace hasten::graph
