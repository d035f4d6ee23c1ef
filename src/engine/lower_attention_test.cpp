// Attention that positions have a say in, gates, means and activations, as exporters write them.
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

// Query, key and value of 2 heads of 2, and distances below 8.
const std::string k_projections = R"(
input input_ids int64 [batch, sequence]
input attention_mask int64 [batch, sequence]
const words float32 [3, 4] = 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 1.1 1.2
const w float32 [4, 4] = 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7
const split int64 [4] = 0 0 2 2
const merged_shape int64 [3] = 0 0 4
const root float32 [] = 1.5
const index int64 [] = 0
const zero int64 [1] = 0
const one int64 [1] = 1
const axes int64 [2] = 1 2
const all_positions int64 [1, 8] = 0 1 2 3 4 5 6 7
const seven int64 [] = 7
const lowest float32 [] = -3.4e38
const unit float32 [] = 1
x = Gather(words, input_ids) {axis=0}
q = MatMul(x, w)
k = MatMul(x, w)
v = MatMul(x, w)
qs = Reshape(q, split)
qh = Transpose(qs) {perm=[0, 2, 1, 3]}
ks = Reshape(k, split)
kh = Transpose(ks) {perm=[0, 2, 1, 3]}
vs = Reshape(v, split)
vh = Transpose(vs) {perm=[0, 2, 1, 3]}
kt = Transpose(kh) {perm=[0, 1, 3, 2]}
shape = Shape(input_ids)
length = Gather(shape, one) {axis=0}
positions = Slice(all_positions, zero, length, one)
rows = Transpose(positions) {perm=[1, 0]}
distances = Sub(rows, positions)
wide = Unsqueeze(attention_mask, axes)
kept = Cast(wide) {to=1}
dropped = Sub(unit, kept)
mask = Mul(dropped, lowest)
)";

const std::string k_end = R"(
m = Add(s, mask)
p = Softmax(m) {axis=-1}
c = MatMul(p, vh)
cm = Transpose(c) {perm=[0, 2, 1, 3]}
y = Reshape(cm, merged_shape)
logits = Gather(y, index) {axis=1}
output logits
)";

TEST(LowerAttention, ABiasForEachDistanceIsATable) {
  EXPECT_THAT(lowered(k_projections + R"(
const buckets int64 [15] = 0 0 0 0 0 0 1 2 3 4 4 4 4 4 4
const biases float32 [5, 2] = 1 2 3 4 5 6 7 8 9 10
const front int64 [1] = 0
at = Add(distances, seven)
bucket = Gather(buckets, at) {axis=0}
found = Gather(biases, bucket) {axis=0}
by_head = Transpose(found) {perm=[2, 0, 1]}
bias = Unsqueeze(by_head, front)
scores = MatMul(qh, kt)
scaled = Div(scores, root)
s = Add(scaled, bias)
)" + k_end),
              HasSubstr("Attention(t1+0, t2+0, t3+0) heads 2 biased below 8\n"));
}

TEST(LowerAttention, ABiasForAllPairsOfTokensIsCutToTheText) {
  std::string table = "const pairs float32 [1, 1, 12, 12] =";
  for (int row = 0; row < 12; ++row) {
    for (int column = 0; column < 12; ++column)
      table += " " + std::to_string(-std::abs(row - column));
  }
  const std::string cut = R"(
const two int64 [1] = 2
const three int64 [1] = 3
some = Slice(pairs, zero, length, two)
bias = Slice(some, zero, length, three)
scores = MatMul(qh, kt)
s = Add(scores, bias)
)";
  EXPECT_THAT(lowered(k_projections + table + cut + k_end), HasSubstr("heads 2 biased below 12\n"));
  table.replace(table.rfind("0"), 1, "5");
  EXPECT_THAT(lowered(k_projections + table + cut + k_end), HasSubstr("depends on the distance"));
}

TEST(LowerAttention, WhatDoesNotDependOnTheDistanceIsNotLowered) {
  EXPECT_THAT(lowered(k_projections + R"(
const front int64 [2] = 0 1
product = Mul(rows, positions)
numbers = Cast(product) {to=1}
bias = Unsqueeze(numbers, front)
scores = MatMul(qh, kt)
s = Add(scores, bias)
)" + k_end),
              testing::AllOf(HasSubstr("obstacle: "), HasSubstr("depends on the distance")));
}

TEST(LowerAttention, AWindowIsFoundInAMaskAndInAChoice) {
  const std::string window = R"(
const two int64 [] = 2
size = Abs(distances)
within = LessOrEqual(size, two)
scores = MatMul(qh, kt)
)";
  EXPECT_THAT(lowered(k_projections + window + R"(
near = Where(within, unit, lowest)
far = Sub(near, unit)
s = Add(scores, far)
)" + k_end),
              HasSubstr("heads 2 window 2\n"));
  EXPECT_THAT(lowered(k_projections + window + "s = Where(within, scores, lowest)\n" + k_end),
              HasSubstr("heads 2 window 2\n"));
  EXPECT_THAT(lowered(k_projections + window + "s = Where(within, lowest, scores)\n" + k_end),
              HasSubstr("obstacle: "));
}

TEST(LowerAttention, AWindowWiderThanWhatIsTriedIsFound) {
  std::string text = k_projections;
  std::string positions = "[1, 900] =";
  for (int position = 0; position < 900; ++position) positions += " " + std::to_string(position);
  const std::string short_ones = "[1, 8] = 0 1 2 3 4 5 6 7";
  text.replace(text.find(short_ones), short_ones.size(), positions);
  EXPECT_THAT(lowered(text + R"(
const reach int64 [] = 400
size = Abs(distances)
within = LessOrEqual(size, reach)
scores = MatMul(qh, kt)
s = Where(within, scores, lowest)
)" + k_end),
              HasSubstr("heads 2 window 400\n"));
}

TEST(LowerAttention, RelativeKeysOfQueryAndKey) {
  const std::string text = lowered(k_projections + R"(
const table float32 [15, 2] = 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3
const third int64 [1] = 3
at = Add(distances, seven)
vectors = Gather(table, at) {axis=0}
of_query = Transpose(vectors) {perm=[0, 2, 1]}
of_key = Transpose(vectors) {perm=[1, 2, 0]}
ql = Unsqueeze(qh, third)
qp = MatMul(ql, of_query)
a = Squeeze(qp, third)
kl = Unsqueeze(kh, third)
kp = MatMul(kl, of_key)
b = Squeeze(kp, third)
bt = Transpose(b) {perm=[0, 1, 3, 2]}
both = Add(a, bt)
scores = MatMul(qh, kt)
sum = Add(scores, both)
s = Div(sum, root)
)" + k_end);
  EXPECT_THAT(text, HasSubstr("heads 2 by_query by_key below 8\n"));
}

TEST(LowerAttention, HalvesThatAreTurnedAreARotation) {
  const std::string text = lowered(k_projections + R"(
const cosines float32 [8, 2] = 1 1 0.5 0.5 0.2 0.2 0.1 0.1 0 0 0 0 0 0 0 0
const sines float32 [8, 2] = 0 0 0.8 0.8 0.9 0.9 1 1 1 1 1 1 1 1 1 1
cos = Slice(cosines, zero, length, zero)
sin = Slice(sines, zero, length, zero)
q1, q2 = Split(qh) {axis=-1}
qn = Neg(q2)
qr = Concat(qn, q1) {axis=-1}
qa = Mul(qh, cos)
qb = Mul(qr, sin)
qt = Add(qa, qb)
k1, k2 = Split(kh) {axis=-1}
kn = Neg(k2)
kr = Concat(kn, k1) {axis=-1}
ka = Mul(kh, cos)
kb = Mul(kr, sin)
kturned = Add(ka, kb)
kx = Transpose(kturned) {perm=[0, 1, 3, 2]}
s = MatMul(qt, kx)
)" + k_end);
  EXPECT_THAT(text, HasSubstr("heads 2 rotated\n"));
}

TEST(LowerAttention, PairsThatAreTurnedAreSortedInTheirProducts) {
  const std::string turn = R"(
const third int64 [1] = 3
const step int64 [1] = 2
const far int64 [1] = 9
const last int64 [1] = -1
const cosines float32 [8, 2] = 1 1 0.5 0.5 0.2 0.2 0.1 0.1 0 0 0 0 0 0 0 0
const sines float32 [8, 2] = 0 0 0.8 0.8 0.9 0.9 1 1 1 1 1 1 1 1 1 1
cos = Slice(cosines, zero, length, zero)
sin = Slice(sines, zero, length, zero)
)";
  const auto rotated = [](const std::string& x) {
    return x + "even = Slice(" + x + "h, zero, far, third, step)\n" + x + "odd = Slice(" + x +
           "h, one, far, third, step)\n" + x + "minus = Neg(" + x + "odd)\n" + x +
           "first = Unsqueeze(" + x + "minus, last)\n" + x + "second = Unsqueeze(" + x +
           "even, last)\n" + x + "pairs = Concat(" + x + "first, " + x + "second) {axis=-1}\n" + x +
           "shape = Shape(" + x + "h)\n" + x + "other = Reshape(" + x + "pairs, " + x + "shape)\n" +
           x + "a = Mul(" + x + "h, cos)\n" + x + "b = Mul(" + x + "other, sin)\n" + x +
           "turned = Add(" + x + "a, " + x + "b)\n";
  };
  EXPECT_THAT(lowered(k_projections + turn + rotated("q") + rotated("k") + R"(
kx = Transpose(kturned) {perm=[0, 1, 3, 2]}
s = MatMul(qturned, kx)
)" + k_end),
              HasSubstr("heads 2 rotated\n"));
  EXPECT_THAT(lowered(k_projections + turn + rotated("q") + R"(
s = MatMul(qturned, kt)
)" + k_end),
              HasSubstr("turned alike"));
}

const std::string k_rows = R"(
input input_ids int64 [batch, sequence]
input attention_mask int64 [batch, sequence]
const words float32 [3, 4] = 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1 1.1 1.2
const w float32 [4, 4] = 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7
const index int64 [] = 0
const axis int64 [1] = 1
const last int64 [1] = 2
x = Gather(words, input_ids) {axis=0}
h = MatMul(x, w)
)";

TEST(LowerActivation, IsWhatItsValuesSay) {
  const auto activation = [](const std::string& formula) {
    return lowered(k_rows + formula + "logits = Gather(y, index) {axis=1}\noutput logits\n");
  };
  EXPECT_THAT(activation("s = Sigmoid(h)\ny = Mul(h, s)\n"), HasSubstr("4x4 silu\n"));
  EXPECT_THAT(activation("r = Relu(h)\ny = Mul(r, r)\n"), HasSubstr("4x4 relu_squared\n"));
  EXPECT_THAT(activation("p = Softplus(h)\nt = Tanh(p)\ny = Mul(h, t)\n"), HasSubstr("4x4 mish\n"));
  EXPECT_THAT(activation("s = Sigmoid(h)\ny = Mul(s, s)\n"), HasSubstr("an activation function"));
  // The product itself is used too: the activation is a step of its own.
  EXPECT_THAT(activation("t = Tanh(h)\ny = Add(t, h)\n"), HasSubstr("an activation function"));
  EXPECT_THAT(activation("t = Tanh(h)\nu = MatMul(t, w)\ny = Add(u, h)\n"),
              HasSubstr("= Activate(t1) tanh\n"));
}

TEST(LowerActivation, OfOneHalfTimesTheOtherIsAGate) {
  const std::string gate = "a, b = Split(h) {axis=-1}\n";
  EXPECT_THAT(lowered(k_rows + gate + R"(
e = Gelu(a)
y = Mul(e, b)
logits = Gather(y, index) {axis=1}
output logits
)"),
              HasSubstr("t2[2] = Gate(t1) gelu_erf\n"));
  EXPECT_THAT(lowered(k_rows + gate + R"(
e = Relu(b)
y = Mul(a, e)
logits = Gather(y, index) {axis=1}
output logits
)"),
              HasSubstr("t1[4] = Linear(t0) 4x4 transposed\nt2[2] = Gate(t1) relu\n"));
  // Halves that are read for something else stay where they are.
  EXPECT_THAT(lowered(k_rows + gate + R"(
e = Relu(b)
g = Mul(a, e)
y = Mul(g, a)
logits = Gather(y, index) {axis=1}
output logits
)"),
              HasSubstr("the two halves of each row to be multiplied"));
}

TEST(LowerActivation, OfOneProductTimesAnotherIsAGateOfOne) {
  const std::string gate =
      "const u float32 [4, 4] = 7 6 5 4 3 2 1 9 8 7 6 5 4 3 2 1\n"
      "o = MatMul(x, u)\ns = Sigmoid(o)\na = Mul(s, o)\n";
  EXPECT_THAT(lowered(k_rows + gate + R"(
y = Mul(h, a)
logits = Gather(y, index) {axis=1}
output logits
)"),
              HasSubstr("[8] = Linear(t0) 4x8 transposed\nt3[4] = Gate(t2) silu\n"));
  EXPECT_THAT(lowered(k_rows + gate + R"(
g = Mul(h, a)
y = Add(g, h)
logits = Gather(y, index) {axis=1}
output logits
)"),
              HasSubstr("obstacle: "));
}

TEST(LowerTokens, ColumnsBeforeTokensAreHeadsAndProductsToo) {
  EXPECT_THAT(lowered(k_rows + R"(
const kernel float32 [4, 4, 1] = 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7
const split int64 [4] = 0 2 2 -1
const joined int64 [3] = 0 4 -1
turned = Transpose(h) {perm=[0, 2, 1]}
q = Conv(turned, kernel)
k = Conv(turned, kernel)
v = Conv(turned, kernel)
qs = Reshape(q, split)
qh = Transpose(qs) {perm=[0, 1, 3, 2]}
ks = Reshape(k, split)
vs = Reshape(v, split)
vh = Transpose(vs) {perm=[0, 1, 3, 2]}
scores = MatMul(qh, ks)
p = Softmax(scores) {axis=-1}
c = MatMul(p, vh)
ct = Transpose(c) {perm=[0, 1, 3, 2]}
m = Reshape(ct, joined)
o = Conv(m, kernel)
a = Gelu(o)
e = Conv(a, kernel)
sum = Add(e, m)
y = Transpose(sum) {perm=[0, 2, 1]}
logits = Gather(y, index) {axis=1}
output logits
)"),
              HasSubstr("t5[4] = Attention(t2+0, t3+0, t4+0) heads 2\n"
                        "t6[4] = Linear(t5) 4x4 transposed gelu_erf\n"
                        "t7[4] = Linear(t6, t5) 4x4 transposed\n"));
}

TEST(LowerTokens, AMeanOfTokensThatAreNoPadding) {
  EXPECT_THAT(lowered(k_rows + R"(
wide = Unsqueeze(attention_mask, last)
kept = Cast(wide) {to=1}
only = Mul(h, kept)
total = ReduceSum(only, axis) {keepdims=0}
count = ReduceSum(kept, axis) {keepdims=0}
logits = Div(total, count)
output logits
)"),
              HasSubstr("s2[4] = Pool(t1) mean\n"));
  EXPECT_THAT(lowered(k_rows + R"(
logits = ReduceSum(h, axis) {keepdims=0}
output logits
)"),
              HasSubstr("obstacle: "));
}

TEST(LowerTokens, AConvolutionIsAProductOfNeighbors) {
  EXPECT_THAT(lowered(k_rows + R"(
const kernel float32 [4, 2, 3] = 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6
turned = Transpose(h) {perm=[0, 2, 1]}
product = Conv(turned, kernel) {group=2, pads=[1, 1]}
y = Transpose(product) {perm=[0, 2, 1]}
logits = Gather(y, index) {axis=1}
output logits
)"),
              HasSubstr("t2[12] = Neighbors(t1) radius 1\nt3[4] = Linear(t2) 12x4 transposed\n"));
}

}  // namespace
}  // namespace hasten::engine
