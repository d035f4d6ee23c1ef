#include "graph/passes/rewrite_test.h"

namespace hasten::graph {
namespace {

TEST(RemoveIdentities, TakesOutWhatChangesNothing) {
  const Rewritten result = rewrite(remove_identities, R"(
    input x float32[n, 4]
    const ratio float32[] = 0.1
    a = Identity(x)
    b = Dropout(a, ratio)
    c = Transpose(b) {perm=[0, 1]}
    d float32[n, 4] = Exp(c)
    e = Cast(d) {to=1}
    y = Neg(e)
    output y
  )");
  EXPECT_EQ(result.text, normalized(R"(
    input x float32[n, 4]
    d float32[n, 4] = Exp(x)
    y = Neg(d)
    output y
  )"));
  EXPECT_EQ(result.outcome.rewrites, 4U);
}

// Exporters do not declare the types of all that they cast (`scores.float()`), and join a single list of keys.
TEST(RemoveIdentities, WorksTypesOut) {
  const Rewritten result = rewrite(remove_identities, R"(
    input x float32[n, 4]
    input ids int64[n, 4]
    a = Neg(x)
    b = MatMul(a, x)
    c = Cast(b) {to=1}
    d = Concat(c) {axis=0}
    e = Neg(ids)
    f = Cast(e) {to=1}
    y = Add(d, f)
    output y
  )");
  EXPECT_EQ(result.text, normalized(R"(
    input x float32[n, 4]
    input ids int64[n, 4]
    a = Neg(x)
    b = MatMul(a, x)
    e = Neg(ids)
    f = Cast(e) {to=1}
    y = Add(b, f)
    output y
  )"));
}

// As XLM takes the last tokens, as many as there are, and repeats its positions for each text.
TEST(RemoveIdentities, TakesOutSlicesOfEverythingAndWhatASumRepeatsItself) {
  const Rewritten result = rewrite(remove_identities, R"(
    input ids int64[batch, n]
    const words float32[9, 4] = ...
    const places float32[1, 8, 4] = ...
    const one int64[1] = 1
    const two int64[1] = 2
    const zero int64[1] = 0
    const end int64[1] = 9223372036854775807
    sizes = Shape(ids)
    length = Slice(sizes, one, two, zero)
    start = Neg(length)
    last = Slice(ids, start, end, one)
    x = Gather(words, last)
    rows = Slice(places, zero, length, one)
    shape = Shape(x)
    spread = Expand(rows, shape)
    y = Add(x, spread)
    output y
  )");
  EXPECT_EQ(result.outcome.rewrites, 2U);
  EXPECT_THAT(result.text, testing::HasSubstr("Gather(words, ids)"));
  EXPECT_THAT(result.text, testing::HasSubstr("Add(x, rows)"));
}

TEST(RemoveIdentities, KeepsSlicesThatCutLongerTexts) {
  EXPECT_EQ(rewrite(remove_identities, R"(
    input ids int64[batch, n]
    const one int64[1] = 1
    const two int64[1] = 2
    const zero int64[1] = 0
    const most int64[1] = 16
    sizes = Shape(ids)
    length = Slice(sizes, one, two, zero)
    end = Min(length, most)
    first = Slice(ids, zero, end, one)
    y = Neg(first)
    output y
  )")
                .outcome.rewrites,
            0U);
}

TEST(RemoveIdentities, KeepsWhatChangesSomething) {
  const std::string text = normalized(R"(
    input x float32[n, 4]
    const ratio float32[] = 0.1
    const training bool[] = 1
    a = Dropout(x, ratio, training)
    b = Transpose(a) {perm=[1, 0]}
    c = Transpose(b)
    d = Cast(c) {to=7}
    copy = Identity(x)
    output d
    output copy
  )");
  EXPECT_EQ(rewrite(remove_identities, text).text, text);
}

TEST(RemoveIdentities, OutputsKeepTheirNames) {
  const Rewritten result = rewrite(remove_identities, R"(
    input x float32[n, 4]
    a = Exp(x)
    y = Identity(a)
    output y
  )");
  EXPECT_EQ(result.text, normalized(R"(
    input x float32[n, 4]
    y = Exp(x)
    output y
  )"));
}

}  // namespace
}  // namespace hasten::graph
