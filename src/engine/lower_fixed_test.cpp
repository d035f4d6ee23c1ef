// Graphs that take texts of one length: what depends on the length is a constant there, and padding has to be hidden.
#include <gmock/gmock.h>

#include "engine/describe.h"
#include "engine/lower.h"
#include "graph/dump.h"

namespace hasten::engine {
namespace {

using testing::HasSubstr;

std::string lowered(const std::string& text) {
  const auto result = lower(graph::parse_text(text));
  if (const auto* obstacle = std::get_if<Obstacle>(&result)) return "obstacle: " + obstacle->reason;
  return describe(std::get<Program>(result));
}

// Texts of 3 tokens, with 2 heads of 2.
const std::string k_projections = R"(
input input_ids int64 [1, 3]
input attention_mask int64 [1, 3]
const words float32 [3, 4] = 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 1.1 1.2
const places float32 [1, 3, 4] = 1 2 3 4 5 6 7 8 9 1 2 3
const w float32 [4, 4] = 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7
const split int64 [4] = 1 3 2 2
const merged_shape int64 [3] = 1 3 4
const root float32 [] = 1.5
const index int64 [] = 0
const one int64 [1] = 1
const axes int64 [2] = 1 2
const last int64 [1] = 2
const lowest float32 [] = -3.4e38
const unit float32 [] = 1
found = Gather(words, input_ids) {axis=0}
x = Add(found, places)
q = MatMul(x, w)
k = MatMul(x, w)
v = MatMul(x, w)
qs = Reshape(q, split)
qh = Transpose(qs) {perm=[0, 2, 1, 3]}
ks = Reshape(k, split)
kt = Transpose(ks) {perm=[0, 2, 3, 1]}
vs = Reshape(v, split)
vh = Transpose(vs) {perm=[0, 2, 1, 3]}
product = MatMul(qh, kt)
scores = Div(product, root)
wide = Unsqueeze(attention_mask, axes)
kept = Cast(wide) {to=1}
dropped = Sub(unit, kept)
mask = Mul(dropped, lowest)
)";

const std::string k_shares = R"(
p = Softmax(s) {axis=-1}
c = MatMul(p, vh)
cm = Transpose(c) {perm=[0, 2, 1, 3]}
y = Reshape(cm, merged_shape)
)";

const std::string k_end = k_shares + "logits = Gather(y, index) {axis=1}\noutput logits\n";

TEST(LowerFixed, RowsOfPositionsAreATable) {
  EXPECT_THAT(lowered(k_projections + "s = Add(scores, mask)\n" + k_end),
              testing::AllOf(HasSubstr("position"), HasSubstr("heads 2\n")));
}

TEST(LowerFixed, ABiasForEachDistanceHasEqualDiagonals) {
  const std::string sum = "biased = Add(scores, bias)\ns = Add(biased, mask)\n";
  EXPECT_THAT(lowered(k_projections +
                      "const bias float32 [1, 2, 3, 3] = 1 2 3 4 1 2 5 4 1 6 7 8 9 6 7 1 9 6\n" +
                      sum + k_end),
              HasSubstr("heads 2 biased below 3\n"));
  EXPECT_THAT(lowered(k_projections +
                      "const bias float32 [1, 2, 3, 3] = 1 2 3 4 1 2 5 4 1 6 7 8 9 6 7 1 9 5\n" +
                      sum + k_end),
              HasSubstr("depends on the distance"));
}

TEST(LowerFixed, PaddingThatIsSeenIsNotLowered) {
  EXPECT_THAT(lowered(k_projections + "s = Identity(scores)\n" + k_end),
              HasSubstr("padding to be hidden"));
  // A mask that is too weak, one of queries instead of keys, and one that hides the text.
  EXPECT_THAT(lowered(k_projections +
                      "const weak float32 [] = -9\nslight = Mul(dropped, weak)\n"
                      "s = Add(scores, slight)\n" +
                      k_end),
              HasSubstr("padding to be hidden"));
  EXPECT_THAT(lowered(k_projections +
                      "turned = Transpose(mask) {perm=[0, 1, 3, 2]}\n"
                      "s = Add(scores, turned)\n" +
                      k_end),
              HasSubstr("padding to be hidden"));
  EXPECT_THAT(lowered(k_projections +
                      "const zero float32 [] = 0\nis_text = Equal(dropped, zero)\n"
                      "s = Where(is_text, scores, lowest)\n" +
                      k_end),
              HasSubstr("heads 2\n"));
}

TEST(LowerFixed, AMeanLeavesPaddingOut) {
  const std::string start = k_projections + "s = Add(scores, mask)\n" + k_shares + R"(
row = Unsqueeze(attention_mask, last)
factor = Cast(row) {to=1}
only = Mul(y, factor)
total = ReduceSum(only, one) {keepdims=0}
everything = ReduceSum(y, one) {keepdims=0}
count = ReduceSum(factor, one) {keepdims=0}
)";
  EXPECT_THAT(lowered(start + "logits = Div(total, count)\noutput logits\n"), HasSubstr(" mean\n"));
  EXPECT_THAT(lowered(start + "logits = Div(everything, count)\noutput logits\n"),
              HasSubstr("padding to be left out"));
  EXPECT_THAT(
      lowered(start + "const three float32 [] = 3\nlogits = Div(total, three)\noutput logits\n"),
      HasSubstr("obstacle: "));
  EXPECT_THAT(lowered(start + "logits = ReduceMean(y) {axes=[1], keepdims=0}\noutput logits\n"),
              HasSubstr("padding to be left out"));
}

}  // namespace
}  // namespace hasten::engine
